"""fakesnow's server on an ephemeral loopback port.

    fakesnow_server.py [--port N] [--exit-with-stdin]

Prints one JSON line when it answers: {"kind","port","url","connect"}; any user and password will do.
"""

import argparse
import json
import os
import socket
import sys
import threading

import fakesnow.server
import uvicorn


class Announcing(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        port = sockets[0].getsockname()[1]
        connect = {
            "account": "fakesnow", "user": "fake", "password": "snow", "host": "127.0.0.1", "port": port, "protocol": "http",
            "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        }
        print(json.dumps({"kind": "fakesnow", "port": port, "url": f"http://127.0.0.1:{port}", "connect": connect}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--exit-with-stdin", action="store_true", help="stop when stdin closes")
    args = parser.parse_args()
    if args.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    listener = socket.create_server(("127.0.0.1", args.port))
    config = uvicorn.Config(fakesnow.server.app, log_level="warning", access_log=False)
    Announcing(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
