"""The Python SDK as a remote MCP client, with the SDK's own OAuth: no token at first, then discovery, registration,
PKCE and a person's sign-in.

    mcp_remote.py [--user NAME] [--call NAME JSON]... URL

Prints one JSON document: {"authorization","scope","tools","calls","access_token"}.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientMetadata

CALLBACK = "http://127.0.0.1:41999/callback"
SIGN_IN = Path(__file__).with_name("sign-in.mjs")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--user", default="alice")
    parser.add_argument("--call", nargs=2, action="append", default=[], metavar=("NAME", "JSON"))
    parser.add_argument("url")
    return parser.parse_args()


class Kept(TokenStorage):
    """Of a client that the provider does not know yet."""

    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


async def talk(args, out):
    kept, asked = Kept(), []

    async def to_provider(url):
        asked.append(url)

    async def back_again():
        command = ["node", str(SIGN_IN), asked[-1], "--user", args.user]
        done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
        query = parse_qs(urlparse(done.stdout.strip()).query)
        return query["code"][0], query["state"][0]

    metadata = OAuthClientMetadata(
        client_name="peer-python", redirect_uris=[CALLBACK], token_endpoint_auth_method="none"
    )
    provider = OAuthClientProvider(args.url, metadata, kept, to_provider, back_again)
    async with streamablehttp_client(args.url, auth=provider) as (reader, writer, _session_id):
        async with ClientSession(reader, writer) as session:
            await session.initialize()
            out["tools"] = [tool.name for tool in (await session.list_tools()).tools]
            out["calls"] = []
            for name, payload in args.call:
                result = await session.call_tool(name, json.loads(payload))
                out["calls"].append(result.model_dump(mode="json", by_alias=True, exclude_none=True))
    query = parse_qs(urlparse(asked[0]).query)
    out["authorization"] = {name: values[0] for name, values in query.items()}
    out["access_token"], out["scope"] = kept.tokens.access_token, kept.tokens.scope


def main():
    out = {}
    asyncio.run(talk(arguments(), out))
    print(json.dumps(out))


if __name__ == "__main__":
    sys.exit(main())
