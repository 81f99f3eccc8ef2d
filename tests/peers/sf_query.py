"""The Snowflake Python connector, unmodified, as a client that reports everything it got.

    sf_query.py CONNECTION.json [STATEMENT...]      (`-` reads one JSON document from stdin)

The document, its options and the events are those of sf_events.py; its "connect" may hold any of the connector's
keyword arguments, and a statement "dict", for rows by column name.
"""

import time

import snowflake.connector

import sf_events
from sf_events import cell, told


def connect(settings):
    if "paramstyle" in settings:
        snowflake.connector.paramstyle = settings["paramstyle"]
    connection = snowflake.connector.connect(**settings)
    place = {name: getattr(connection, name) for name in ["session_id", "user", "database", "schema", "role", "warehouse"]}
    return connection, {"version": snowflake.connector.__version__, **place}


def columns(cursor):
    return [
        {
            "name": column.name,
            "type_code": column.type_code,
            "display_size": column.display_size,
            "internal_size": column.internal_size,
            "precision": column.precision,
            "scale": column.scale,
            "nullable": column.is_nullable,
        }
        for column in cursor.description or []
    ]


def execute(connection, cursor, statement):
    sql, params = statement["sql"], statement.get("params")
    options = {"timeout": statement["timeout"]} if "timeout" in statement else {}
    if statement.get("multi") is not None:
        options["num_statements"] = statement["multi"]
    if "many" in statement:
        cursor.executemany(sql, statement["many"])
    elif statement.get("async"):
        cursor.execute_async(sql, params)
        query, started = cursor.sfqid, time.monotonic()
        while connection.is_still_running(connection.get_query_status_throw_if_error(query)):
            if time.monotonic() - started > statement.get("cancel_after", float("inf")):
                cursor.abort_query(query)
            time.sleep(0.1)
        cursor.get_results_from_sfqid(query)
    else:
        with sf_events.interrupted(statement.get("cancel_after")):
            cursor.execute(sql, params, **options)


def fetched(cursor, statement):
    match statement.get("fetch"):
        case "pandas":
            return sf_events.frame(cursor.fetch_pandas_all(), statement)
        case "arrow":
            return sf_events.arrow(cursor.fetch_arrow_all(force_return_table=True), statement)
    if statement.get("dict"):
        found = cursor.fetchall()
        return {"rows": [{name: cell(value) for name, value in row.items()} for row in found], "count": len(found)}
    return told(cursor, statement)


def results(connection, statement):
    kind = snowflake.connector.DictCursor if statement.get("dict") else snowflake.connector.cursor.SnowflakeCursor
    with connection.cursor(kind) as cursor:
        execute(connection, cursor, statement)
        while True:
            yield {
                "sfqid": cursor.sfqid, "rowcount": cursor.rowcount, "columns": columns(cursor),
                **fetched(cursor, statement),
            }
            if statement.get("multi") is None or not cursor.nextset():
                return


if __name__ == "__main__":
    sf_events.main(connect, results)
