"""Servers of a run's own: a temporary file, a free port."""

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLATFORM_KEY = "platform-key-of-the-browser-run"


class Server:
    """Starts a server on entry; on exit stops it and sees that it has logged no errors."""

    def __init__(self, flow=None):
        """:param flow: what its business is made of, as `stagekeeper import` reads it; by default it has the demo business."""
        self.flow = flow
        self.binary = os.environ.get("STAGEKEEPER_BIN") or ROOT / ".build/debug/stagekeeper"
        if not os.access(self.binary, os.X_OK):
            raise SystemExit(f"There is no server at {self.binary}; build it first: swift build")

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.log = Path(self.folder.name) / "log"
        self.environment = os.environ | {
            "STAGEKEEPER_DEMO": "1", "STAGEKEEPER_HOST": "127.0.0.1", "STAGEKEEPER_PORT": "0", "STAGEKEEPER_LOG_LEVEL": "error",
            "STAGEKEEPER_PLATFORM_KEY": PLATFORM_KEY, "STAGEKEEPER_DATABASE_URL": f"sqlite:{self.folder.name}/stagekeeper.sqlite",
        }
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
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(timeout=30)
        logged = self.log.read_text(encoding="utf-8")
        self.folder.cleanup()
        assert not logged, f"The server logged errors:\n{logged}"
        assert status == 0, f"The server ended with {status}."

    def _import(self):
        created = json.loads(self._command("business", "create", self.flow["business_name"], "--json"))
        self.business, self.key = created["business_id"], created["api_key"]
        file = Path(self.folder.name) / "flow.json"
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
