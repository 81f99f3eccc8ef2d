"""The Snowflake Python connector, unmodified, as a client that reports everything it got.

    sf_query.py CONNECTION.json [STATEMENT...]      (`-` reads one JSON document from stdin)

The JSON document is the connector's keyword arguments, or {"connect": {...}, "statements": [...]}. A statement is SQL
text or {"sql", "params", "many", "timeout", "async", "dict", "multi", "digest"}. One JSON line per
event: connected, then one per result set, then closed. Cells keep their Python type: ["Decimal", "Decimal('1.20')"].
Exit 0 even when statements failed (the line says so), 1 when no connection could be made, 2 on usage.
"""

import hashlib
import json
import sys
import time

import snowflake.connector
from snowflake.connector import errors


def emit(**event):
    sys.stdout.write(json.dumps(event, default=str) + "\n")
    sys.stdout.flush()


def failure(error):
    return {
        "class": type(error).__name__,
        "errno": getattr(error, "errno", None),
        "sqlstate": getattr(error, "sqlstate", None),
        "sfqid": getattr(error, "sfqid", None),
        "msg": getattr(error, "msg", None) or str(error),
    }


def cell(value):
    return [type(value).__name__, repr(value)]


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


def rows(cursor, statement):
    """Every row, or for large sets their count, a digest over all of them, and the first and last."""
    if not statement.get("digest"):
        found = cursor.fetchall()
        if statement.get("dict"):
            return {"rows": [{name: cell(value) for name, value in row.items()} for row in found], "count": len(found)}
        return {"rows": [[cell(value) for value in row] for row in found], "count": len(found)}
    digest, count, first, last = hashlib.sha256(), 0, None, None
    for row in cursor:
        cells = [cell(value) for value in row]
        digest.update(json.dumps(cells).encode())
        first, last, count = first or cells, cells, count + 1
    return {"count": count, "sha256": digest.hexdigest(), "first": first, "last": last}


def execute(connection, cursor, statement):
    sql, params = statement["sql"], statement.get("params")
    options = {"timeout": statement["timeout"]} if "timeout" in statement else {}
    if statement.get("multi") is not None:
        options["num_statements"] = statement["multi"]
    if "many" in statement:
        cursor.executemany(sql, statement["many"])
    elif statement.get("async"):
        cursor.execute_async(sql, params)
        query = cursor.sfqid
        while connection.is_still_running(connection.get_query_status_throw_if_error(query)):
            time.sleep(0.1)
        cursor.get_results_from_sfqid(query)
    else:
        cursor.execute(sql, params, **options)


def run(connection, index, statement):
    started = time.monotonic()
    kind = snowflake.connector.DictCursor if statement.get("dict") else snowflake.connector.cursor.SnowflakeCursor
    with connection.cursor(kind) as cursor:
        try:
            execute(connection, cursor, statement)
            part = 0
            while True:
                emit(
                    event="result", index=index, part=part, sql=statement["sql"], sfqid=cursor.sfqid,
                    rowcount=cursor.rowcount, columns=columns(cursor), **rows(cursor, statement),
                    ms=round((time.monotonic() - started) * 1000),
                )
                part += 1
                if statement.get("multi") is None or not cursor.nextset():
                    return
        except errors.Error as error:
            emit(event="error", index=index, sql=statement["sql"], error=failure(error), ms=round((time.monotonic() - started) * 1000))
        except Exception as error:  # a connector bug is a finding too, not the end of the run
            emit(event="error", index=index, sql=statement["sql"], error={"class": type(error).__name__, "msg": str(error)})


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    document = json.load(sys.stdin if sys.argv[1] == "-" else open(sys.argv[1], encoding="utf-8"))
    settings = document.get("connect", document)
    statements = [*document.get("statements", []), *sys.argv[2:]] if "connect" in document else sys.argv[2:]
    if "paramstyle" in settings:
        snowflake.connector.paramstyle = settings["paramstyle"]
    started = time.monotonic()
    try:
        connection = snowflake.connector.connect(**settings)
    except Exception as error:
        emit(event="refused", error=failure(error), ms=round((time.monotonic() - started) * 1000))
        return 1
    emit(
        event="connected", version=snowflake.connector.__version__, session_id=connection.session_id, user=connection.user,
        database=connection.database, schema=connection.schema, role=connection.role, warehouse=connection.warehouse,
        ms=round((time.monotonic() - started) * 1000),
    )
    for index, statement in enumerate(statements):
        run(connection, index, statement if isinstance(statement, dict) else {"sql": statement})
    connection.close()
    emit(event="closed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
