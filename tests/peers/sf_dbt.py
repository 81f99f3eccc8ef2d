"""dbt with its Snowflake adapter, unmodified: a project made for the occasion. Document, options and events are those of
sf_events.py.

    sf_dbt.py CONNECTION.json [STATEMENT...]

A query is `dbt show`, whose rows are JSON and at most "limit" (500); what changes something is a macro of the project,
run by `dbt run-operation`, which tells no rows.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading

import sf_events

DBT = pathlib.Path(sys.executable).with_name("dbt")
MACRO = "{% macro carry_out(sql) %}{% do run_query(sql) %}{% endmacro %}\n"


class CommandFailed(Exception):
    """What the command told of its failure."""


def heeds_interrupts():
    """What a shell starts in the background ignores them, and so does all that is started from there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Dbt:
    def __init__(self, settings):
        self.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(self.folder.name)
        (root / "macros").mkdir()
        (root / "macros" / "carry_out.sql").write_text(MACRO)
        # JSON is YAML.
        (root / "dbt_project.yml").write_text(json.dumps({"name": "shop", "profile": "gateway", "config-version": 2}))
        target = {"type": "snowflake", "database": "PAYMENTS", "schema": "PUBLIC", "threads": 1, **settings}
        profiles = root / "profiles.yml"
        profiles.touch(mode=0o600)
        profiles.write_text(json.dumps({"gateway": {"target": "it", "outputs": {"it": target}}}))

    def run(self, *arguments, cancel_after=None):
        """The events that the command logs."""
        command = [DBT, "--log-format", "json", "--no-use-colors", "--no-send-anonymous-usage-stats"]
        command += ["--log-level", "debug"] if cancel_after else []
        command += arguments
        environment = {**os.environ, "DBT_PROFILES_DIR": self.folder.name, "DO_NOT_TRACK": "1"}
        child = subprocess.Popen(
            command,
            cwd=self.folder.name,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=heeds_interrupts,
        )
        out, interrupt = "", None
        for line in child.stdout:
            out += line
            # Starting takes it as long as the machine likes: the time runs from the statement on.
            if cancel_after and not interrupt and '"SQLQuery"' in line and "hoop: hold" in line:
                interrupt = threading.Timer(cancel_after, child.send_signal, [signal.SIGINT])
                interrupt.start()
        child.wait()
        if interrupt:
            interrupt.cancel()
        events = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        if child.returncode != 0:
            told = [event["info"]["msg"] for event in events if event["info"]["level"] == "error"]
            raise CommandFailed(re.sub(r"\s+", " ", " ".join(told) or out))
        return events

    def close(self):
        self.folder.cleanup()


def connect(settings):
    dbt = Dbt(settings)
    dbt.run("debug", "--connection")
    version = subprocess.run([DBT, "--version"], capture_output=True, text=True).stdout
    return dbt, {"version": re.findall(r"(?:installed|snowflake): +(\S+)", version)}


def results(dbt, statement):
    sql, after = statement["sql"], statement.get("cancel_after")
    if sql.split(maxsplit=1)[0].upper() not in ("SELECT", "WITH"):
        dbt.run("run-operation", "carry_out", "--args", json.dumps({"sql": sql}), cancel_after=after)
        yield {"rows": [], "count": 0}
        return
    limit = str(statement.get("limit", 500))
    events = dbt.run("show", "--inline", sql, "--output", "json", "--limit", limit, cancel_after=after)
    preview = next(event["data"]["preview"] for event in events if event["info"]["name"] == "ShowNode")
    rows = json.loads(preview)
    names = list(rows[0]) if rows else []
    yield {"columns": [{"name": name} for name in names], **sf_events.told((row.values() for row in rows), statement)}


if __name__ == "__main__":
    sf_events.main(connect, results)
