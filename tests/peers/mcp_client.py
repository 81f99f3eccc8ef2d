"""The Python SDK as an MCP client.

    mcp_client.py [--call NAME JSON]... [--timeout SECONDS] [--no-list] http URL [SECRET]
    mcp_client.py [--call NAME JSON]... [--timeout SECONDS] [--no-list] stdio CMD [ARG]...

Prints one JSON document: {"server","tools","calls","notifications"}. A call that fails carries "error" and does not
stop the others; exit 1 means that no session could be opened ({"error"}).
"""

import argparse
import asyncio
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from datetime import timedelta

from mcp import ClientSession, McpError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--call", nargs=2, action="append", default=[], metavar=("NAME", "JSON"))
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for one request; 0 is the SDK's own")
    parser.add_argument("--no-list", action="store_true")
    parser.add_argument("kind", choices=["http", "stdio"])
    parser.add_argument("target")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    return parser.parse_args()


@asynccontextmanager
async def transport(args):
    if args.kind == "http":
        headers = {"Authorization": f"Bearer {args.rest[0]}"} if args.rest else {}
        async with streamablehttp_client(args.target, headers=headers) as (reader, writer, _session_id):
            yield reader, writer
    else:
        server = StdioServerParameters(command=args.target, args=args.rest, env=dict(os.environ))
        async with stdio_client(server) as (reader, writer):
            yield reader, writer


def told(error):
    """What a person would need to see of an error, however the SDK wrapped it."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    if isinstance(error, McpError):
        return {"name": "McpError", "code": error.error.code, "message": error.error.message, "data": error.error.data}
    return {"name": type(error).__name__, "code": None, "message": str(error), "data": None}


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def list_tools(session):
    tools, cursor = [], None
    while True:
        page = await session.list_tools(cursor)
        tools.extend(plain(tool) for tool in page.tools)
        cursor = page.nextCursor
        if not cursor:
            return tools


async def talk(args, out):
    notifications = []

    async def on_message(message):
        # Only what the server says by itself; requests are answered by the SDK.
        if hasattr(message, "root") and hasattr(message.root, "method"):
            notifications.append(plain(message.root))

    async with transport(args) as (reader, writer):
        limit = timedelta(seconds=args.timeout) if args.timeout else None
        async with ClientSession(reader, writer, read_timeout_seconds=limit, message_handler=on_message) as session:
            hello = await session.initialize()
            out["server"] = {
                "info": plain(hello.serverInfo),
                "capabilities": plain(hello.capabilities),
                "instructions": hello.instructions,
                "protocol": hello.protocolVersion,
            }
            out["tools"] = None if args.no_list else await list_tools(session)
            out["calls"] = []
            for name, payload in args.call:
                started, entry = time.monotonic(), {"name": name}
                try:
                    entry["result"] = plain(await session.call_tool(name, json.loads(payload)))
                except Exception as error:
                    entry["error"] = told(error)
                entry["ms"] = round((time.monotonic() - started) * 1000)
                out["calls"].append(entry)
            out["notifications"] = notifications


def main():
    args, out = arguments(), {}
    try:
        asyncio.run(talk(args, out))
    except BaseException as error:  # the SDK raises exception groups from its task groups
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        if "calls" not in out:
            print(json.dumps({"error": told(error)}))
            return 1
        print(f"while closing: {told(error)}", file=sys.stderr)
    print(json.dumps(out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
