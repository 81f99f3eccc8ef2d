"""What the Snowflake clients here have in common: a JSON document in, one JSON line per event out.

The document is {"connect": {account, user, password, host, port, protocol}, "statements": [...]}. A statement is SQL
text or {"sql", ...} with options:
    params, many      values to bind: one set, or several
    multi             how many statements the text holds (0: any number); a result for each
    async             submitted, then fetched
    timeout           seconds, the client's own
    cancel_after      seconds after which the client gives up
    fetch             "pandas" or "arrow" in place of rows
    digest            of many rows: their count, a digest and the types of each column, the first row and the last
Events: connected, then result or error for each statement, then closed. Cells keep their type: ["Decimal",
"Decimal('1.20')"]. Exit 0 even when statements failed (the line says so), 1 when no connection could be made ("refused"),
2 on usage.
"""

import contextlib
import hashlib
import itertools
import json
import os
import signal
import sys
import threading
import time

BATCH = 10_000


def emit(**event):
    sys.stdout.write(json.dumps(event, default=str) + "\n")
    sys.stdout.flush()


def failure(error):
    """Also of an error that wraps the driver's."""
    inner = getattr(error, "orig", None) or error
    return {
        "class": type(error).__name__,
        "errno": getattr(inner, "errno", None) or getattr(inner, "sql_error_code", None),
        "sqlstate": getattr(inner, "sqlstate", None),
        "sfqid": getattr(inner, "sfqid", None),
        "msg": getattr(inner, "msg", None) or str(inner),
    }


def cell(value):
    return [type(value).__name__, repr(value)]


def told(rows, statement):
    """The rows as they are, or what `digest` asks for."""
    if not statement.get("digest"):
        listed = [[cell(value) for value in row] for row in rows]
        return {"rows": listed, "count": len(listed)}
    count, first, last, digests, types = 0, None, None, [], []
    rows = iter(rows)
    while batch := list(itertools.islice(rows, BATCH)):
        first, last, count = first or batch[0], batch[-1], count + len(batch)
        columns = list(zip(*batch))
        digests = digests or [hashlib.sha256() for _ in columns]
        types = types or [set() for _ in columns]
        for column, digest, kinds in zip(columns, digests, types):
            digest.update("".join([("null" if value is None else str(value)) + "\n" for value in column]).encode())
            kinds.update(map(type, column))
    return {
        "count": count, "sha256": [digest.hexdigest() for digest in digests],
        "types": [sorted(kind.__name__ for kind in kinds) for kinds in types],
        "first": [cell(value) for value in first or []], "last": [cell(value) for value in last or []],
    }


def arrow(table, statement):
    """An Arrow table: its cells as Python values, its types as Arrow's."""
    rows = (row for batch in table.to_batches(BATCH) for row in zip(*(column.to_pylist() for column in batch.columns)))
    return {"arrow": [str(field.type) for field in table.schema], **told(rows, statement)}


def frame(table, statement):
    """A pandas frame: its cells, and its types as pandas'."""
    missing = lambda value: isinstance(value, float) and value != value
    rows = ([None if missing(value) else value for value in row] for row in table.itertuples(index=False, name=None))
    return {"pandas": [str(kind) for kind in table.dtypes], **told(rows, statement)}


@contextlib.contextmanager
def interrupted(after):
    """What Ctrl-C does, so many seconds later."""
    timer = threading.Timer(after, os.kill, [os.getpid(), signal.SIGINT]) if after else None
    if timer:
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()


def main(connect, results):
    """`connect(settings)` gives a connection and facts about it; `results(connection, statement)` each result in turn."""
    if len(sys.argv) < 2:
        print(sys.modules["__main__"].__doc__, file=sys.stderr)
        sys.exit(2)
    document = json.load(sys.stdin if sys.argv[1] == "-" else open(sys.argv[1], encoding="utf-8"))
    settings = document.get("connect", document)
    statements = [*document.get("statements", []), *sys.argv[2:]] if "connect" in document else sys.argv[2:]
    started = time.monotonic()
    passed = lambda: round((time.monotonic() - started) * 1000)
    try:
        connection, facts = connect(settings)
    except Exception as error:
        emit(event="refused", error=failure(error), ms=passed())
        sys.exit(1)
    emit(event="connected", **facts, ms=passed())
    for index, statement in enumerate(statements):
        statement = statement if isinstance(statement, dict) else {"sql": statement}
        started = time.monotonic()
        try:
            for part, result in enumerate(results(connection, statement)):
                emit(event="result", index=index, part=part, sql=statement["sql"], **result, ms=passed())
        except (Exception, KeyboardInterrupt) as error:  # a client's bug is a finding too, not the end of the run
            emit(event="error", index=index, sql=statement["sql"], error=failure(error), ms=passed())
    connection.close()
    emit(event="closed")
