"""An MCP server of the first revision's transport, HTTP with SSE, by the official SDK.

    mcp_sse_server.py --exit-with-stdin

Prints {"kind","url"} once it listens; ends with its stdin.
"""

import json
import os
import socket
import sys
import threading
from typing import Annotated

import uvicorn
from mcp.server.fastmcp import Context, FastMCP
from pydantic import Field

server = FastMCP("peer-sse")


@server.tool()
def card(note: str) -> str:
    """A card number and what was said."""
    return f"card 4111111111111111, {note}"


@server.tool()
def pan() -> Annotated[str, Field(pattern="^[0-9]{16}$")]:
    """Sixteen digits, as its output schema says."""
    return "4111111111111111"


@server.tool()
async def slow(steps: int, ctx: Context) -> str:
    """Tells its progress."""
    for step in range(1, steps + 1):
        await ctx.report_progress(step, steps, f"part {step}")
    return "done"


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


def main():
    threading.Thread(target=end_with_stdin, daemon=True).start()
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/sse"
    print(json.dumps({"kind": "mcp-sse", "url": url}), flush=True)
    config = uvicorn.Config(server.sse_app(), log_level="error")
    uvicorn.Server(config).run(sockets=[listener])


main()
