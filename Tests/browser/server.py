"""Servers of a run's own: a database of their own, a free port."""

import json
import os
import re
import subprocess
import tempfile
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from database import empty_database

ROOT = Path(__file__).resolve().parents[2]
PLATFORM_KEY = "platform-key-of-the-browser-run"


class Server:
    """Starts a server on entry; on exit sees that it could use all that it was given, stops it, and sees that it has logged no errors."""

    def __init__(self, flow=None):
        """:param flow: what its business is made of, as `stagekeeper import` reads it; by default it has the demo business."""
        self.flow = flow
        self.binary = os.environ.get("STAGEKEEPER_BIN") or ROOT / ".build/debug/stagekeeper"
        if not os.access(self.binary, os.X_OK):
            raise SystemExit(f"There is no server at {self.binary}; build it first: swift build")

    def __enter__(self):
        with ExitStack() as resources:
            self._start(resources)
            # What was not started whole leaves nothing behind.
            self.resources = resources.pop_all()
        return self

    def _start(self, resources):
        self.folder = resources.enter_context(tempfile.TemporaryDirectory())
        self.log = Path(self.folder) / "log"
        self.environment = os.environ | {
            "STAGEKEEPER_DEMO": "1", "STAGEKEEPER_HOST": "127.0.0.1", "STAGEKEEPER_PORT": "0", "STAGEKEEPER_LOG_LEVEL": "error",
            "STAGEKEEPER_PLATFORM_KEY": PLATFORM_KEY,
        } | resources.enter_context(empty_database(self.folder, self.binary))
        if self.flow:
            self._import()
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.binary, "serve"], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self._told(r"is ready at (\S+)")
        if not self.flow:
            self.business = self._told(r"export BUSINESS=(\S+)")
            self.key = self._told(r"export KEY=(\S+)")
            # Signs a browser in, once.
            self.link = self._told(r"Open (\S+/login\?link=\S+)")

    def __exit__(self, *_):
        with self.resources:
            condition = self._condition()
            self.process.terminate()
            status = self.process.wait(timeout=30)
            logged = self.log.read_text(encoding="utf-8")
        assert not logged, f"The server logged errors:\n{logged}"
        assert status == 0, f"The server ended with {status}."
        assert condition == "ready", f"The server was {condition}."

    def _condition(self):
        """Whether the server can use its database, and Redis where it is given one."""
        try:
            with urllib.request.urlopen(f"{self.url}/ready", timeout=20) as response:
                return json.load(response)["status"]
        except OSError as error:
            return f"not ready: {error}"

    def _import(self):
        created = json.loads(self._command("business", "create", self.flow["business_name"], "--json"))
        self.business, self.key = created["business_id"], created["api_key"]
        file = Path(self.folder) / "flow.json"
        file.write_text(json.dumps(self.flow), encoding="utf-8")
        self._command("import", self.business, file)

    def _command(self, *arguments):
        return subprocess.run([self.binary, *arguments], env=self.environment, check=True, stdout=subprocess.PIPE).stdout

    def _told(self, pattern):
        """What the server says at its start, in the order in which it says it."""
        for line in self.process.stdout:
            if match := re.search(pattern, line):
                return match[1]
        raise SystemExit(f"The server did not start:\n{self.log.read_text(encoding='utf-8')}")
