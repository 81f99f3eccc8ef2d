"""The `snow` command, unmodified: `snow sql` for each statement. Document, options and events are those of sf_events.py.

    sf_snow.py CONNECTION.json [STATEMENT...]

The command sends several statements one by one, and an asynchronous one when it ends in `;>`. It prints JSON, so cells
have the types that JSON leaves.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import sf_events

SNOW = pathlib.Path(sys.executable).with_name("snow")


class CommandFailed(Exception):
    """What the command printed last."""


class Snow:
    def __init__(self, settings):
        self.folder = tempfile.TemporaryDirectory()
        self.config = pathlib.Path(self.folder.name) / "config.toml"
        lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        self.config.touch(mode=0o600)
        self.config.write_text("\n".join(["[connections.gateway]", *lines, "[cli.logs]", "save_logs = false", ""]))

    def run(self, *arguments, cancel_after=None):
        command = [SNOW, "--config-file", self.config, *arguments, "--connection", "gateway", "--format", "json"]
        environment = {**os.environ, "SNOWFLAKE_HOME": self.folder.name, "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "1000"}
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, err = child.communicate(timeout=cancel_after)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)
            out, err = child.communicate()
        if child.returncode != 0:
            # The message stands in a box.
            words = " ".join(re.sub(r"[╭╮╰╯│─]|Error", " ", err or out).split())
            raise CommandFailed(words or f"exit {child.returncode}")
        return json.loads(out) if out.strip() else []

    def close(self):
        self.folder.cleanup()


def connect(settings):
    snow = Snow(settings)
    version = subprocess.run([SNOW, "--version"], capture_output=True, text=True).stdout.split()[-1]
    # Not `snow connection test`: it sends USE ROLE, which a policy may well hold.
    return snow, {"version": version, "role": snow.run("sql", "-q", "select current_role() as role")[0]["ROLE"]}


def results(snow, statement):
    sql, after = statement["sql"], statement.get("cancel_after")
    if statement.get("async"):
        submitted = snow.run("sql", "--retain-comments", "-q", f"{sql};>")
        query = next(iter(submitted[0].values()))
        found = snow.run("sql", "-q", f"!result {query}", cancel_after=after)
    else:
        found = snow.run("sql", "--retain-comments", "-q", sql, cancel_after=after)
    for rows in found if statement.get("multi") is not None else [found]:
        names = list(rows[0]) if rows else []
        yield {"columns": [{"name": name} for name in names], **sf_events.told((row.values() for row in rows), statement)}


if __name__ == "__main__":
    sf_events.main(connect, results)
