"""SQLAlchemy with Snowflake's dialect, unmodified. Document, options and events are those of sf_events.py.

    sf_sqlalchemy.py CONNECTION.json [STATEMENT...]
"""

import snowflake.sqlalchemy
import sqlalchemy

import sf_events


def connect(settings):
    where = {name: settings[name] for name in ["host", "port", "protocol"]}
    url = snowflake.sqlalchemy.URL(account=settings["account"], user=settings["user"], password=settings["password"])
    connection = sqlalchemy.create_engine(url, connect_args=where).connect()
    return connection, {"version": snowflake.sqlalchemy.__version__, "sqlalchemy": sqlalchemy.__version__}


def results(connection, statement):
    values = statement.get("many") or statement.get("params")
    with sf_events.interrupted(statement.get("cancel_after")):
        # A transaction of its own, as `with engine.begin()` gives.
        with connection.begin():
            found = connection.execute(sqlalchemy.text(statement["sql"]), values)
            if not found.returns_rows:
                yield {"rowcount": found.rowcount, "columns": []}
                return
            columns = [{"name": name} for name in found.keys()]
            yield {"columns": columns, **sf_events.told(found, statement), "rowcount": found.rowcount}


if __name__ == "__main__":
    sf_events.main(connect, results)
