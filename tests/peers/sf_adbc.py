"""The ADBC Snowflake driver (Go inside), unmodified. Document, options and events are those of sf_events.py.

    sf_adbc.py CONNECTION.json [STATEMENT...]
"""

import threading

import adbc_driver_snowflake
import adbc_driver_snowflake.dbapi

import sf_events


def connect(settings):
    options = {
        "username": settings["user"], "password": settings["password"],
        "adbc.snowflake.sql.account": settings["account"],
        "adbc.snowflake.sql.uri.protocol": settings["protocol"],
        "adbc.snowflake.sql.uri.host": settings["host"],
        "adbc.snowflake.sql.uri.port": str(settings["port"]),
    }
    # Without, it begins a transaction, as any DB-API connection does.
    connection = adbc_driver_snowflake.dbapi.connect(db_kwargs=options, autocommit=bool(settings.get("autocommit")))
    return connection, {"version": adbc_driver_snowflake.__version__, "info": connection.adbc_get_info()}


def results(connection, statement):
    with connection.cursor() as cursor:
        after = statement.get("cancel_after")
        timer = threading.Timer(after, cursor.adbc_cancel) if after else None
        if timer:
            timer.start()
        try:
            if "many" in statement:
                cursor.executemany(statement["sql"], statement["many"])
                yield {"rowcount": cursor.rowcount}
                return
            cursor.execute(statement["sql"], statement.get("params"))
            yield {"rowcount": cursor.rowcount, **sf_events.arrow(cursor.fetch_arrow_table(), statement)}
        finally:
            if timer:
                timer.cancel()


if __name__ == "__main__":
    sf_events.main(connect, results)
