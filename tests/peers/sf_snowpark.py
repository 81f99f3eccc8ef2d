"""Snowpark for Python, unmodified. Document, options and events are those of sf_events.py.

    sf_snowpark.py CONNECTION.json [STATEMENT...]
"""

import time

import snowflake.snowpark
from snowflake.snowpark import Session

import sf_events


def connect(settings):
    session = Session.builder.configs(settings).create()
    return session, {"version": snowflake.snowpark.__version__, "session_id": session.session_id, "role": session.get_current_role()}


def results(session, statement):
    frame = session.sql(statement["sql"], params=statement.get("params"))
    if statement.get("fetch") == "pandas":
        yield sf_events.frame(frame.to_pandas(), statement)
        return
    if statement.get("async"):
        job = frame.collect_nowait()
        started = time.monotonic()
        while not job.is_done():
            if time.monotonic() - started > statement.get("cancel_after", float("inf")):
                job.cancel()
            time.sleep(0.1)
        rows = job.result()
    elif statement.get("digest"):
        rows = frame.to_local_iterator()
    else:
        with sf_events.interrupted(statement.get("cancel_after")):
            rows = frame.collect()
    yield sf_events.told(rows, statement)


if __name__ == "__main__":
    sf_events.main(connect, results)
