"""A deployment of a run's own: servers on free ports, and where production is meant PostgreSQL and Redis, all under one folder."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLATFORM_KEY = "platform-key-of-the-soak-run"
START_SECONDS = 60
STOP_SECONDS = 40


def binary():
    path = Path(os.environ.get("STAGEKEEPER_BIN") or ROOT / ".build/debug/stagekeeper").resolve()
    if not os.access(path, os.X_OK):
        raise SystemExit(f"There is no server at {path}; build it first: swift build")
    return path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """One process, at an address that it keeps when it is started again. Its lives are counted from 1."""

    def __init__(self, index, folder, environment):
        self.index, self.folder, self.port = index, Path(folder), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment | {"STAGEKEEPER_PORT": str(self.port)}
        self.process, self.life = None, 0
        # Whether it may be gone: somebody has ended it.
        self.is_down = True

    def start(self):
        self.life += 1
        output = self.folder / f"server-{self.index}.{self.life}.out"
        with open(output, "wb") as out, open(self.folder / f"server-{self.index}.log", "ab") as log:
            self.process = subprocess.Popen([binary(), "serve"], env=self.environment, stdout=out, stderr=log, cwd=self.folder)
        end = time.monotonic() + START_SECONDS
        while b" is ready at " not in output.read_bytes():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"server {self.index} does not start: {self.process.poll()}; see {self.folder}/server-{self.index}.log")
            time.sleep(0.02)
        self.is_down = False

    def kill(self):
        self.is_down = True
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """Asks it to end; its exit status, or None when it had to be killed."""
        self.is_down = True
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def proceed(self):
        self.process.send_signal(signal.SIGCONT)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/ready", timeout=15) as response:
                return json.load(response)["status"] == "ready"
        except OSError:
            return False


class Deployment:
    """Servers that are there on entry and gone on exit."""

    count = 1
    # The port of the database that processes keep connections to, as many as their pool wants.
    pool_port = None

    def __init__(self, folder):
        self.folder = Path(folder)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STAGEKEEPER_")}
        self.base = clean | {
            "STAGEKEEPER_HOST": "127.0.0.1", "STAGEKEEPER_PLATFORM_KEY": PLATFORM_KEY,
            "STAGEKEEPER_LOG_LEVEL": os.environ.get("LOG_LEVEL", "notice"),
            # The load is the soak's own matter.
            "STAGEKEEPER_RATE_LIMIT_KEY": "off", "STAGEKEEPER_RATE_LIMIT_BUSINESS": "off", "STAGEKEEPER_RATE_LIMIT_REFUSALS": "off",
        }
        self.servers = []

    def __enter__(self):
        try:
            self.environment = self.base | self.prepare()
            self.servers = [Server(index, self.folder, self.environment) for index in range(self.count)]
            for server in self.servers:
                server.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.servers:
            if server.process and server.process.poll() is None:
                server.kill()
        self.clear()

    def command(self, *arguments):
        """Runs a command beside the servers."""
        return subprocess.run(
            [binary(), *arguments], env=self.environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)


class Embedded(Deployment):
    name = "embedded"

    def prepare(self):
        return {"STAGEKEEPER_DATABASE_URL": f"sqlite:{self.folder}/stagekeeper.sqlite"}

    def clear(self):
        pass


class Production(Deployment):
    name = "production"
    count = 2

    def __init__(self, folder):
        super().__init__(folder)
        self.postgres_folder = self.redis_folder = None

    def prepare(self):
        keys = f"k1:{base64.b64encode(os.urandom(32)).decode()}"
        # PostgreSQL runs as a user of its own, who must be able to come by here.
        self.folder.chmod(0o711)
        told = self.told("postgres", "start")
        self.postgres_folder = told["STAGEKEEPER_TEST_POSTGRES_FOLDER"]
        verified = f"?sslmode=verify-full&sslrootcert={self.postgres_folder}/ca.pem"
        self.admin_url = told["STAGEKEEPER_TEST_POSTGRES_ADMIN_URL"]
        self.pool_port = int(self.admin_url.rpartition(":")[2].partition("/")[0])
        self.redis_folder = self.told("redis", "start", "mortal")["REDIS_FOLDER"]
        owner = {"STAGEKEEPER_DATABASE_URL": told["STAGEKEEPER_TEST_POSTGRES_URL"] + verified, "STAGEKEEPER_ENCRYPTION_KEYS": keys}
        subprocess.run([binary(), "migrate"], env=self.base | owner, check=True, stdout=subprocess.DEVNULL)
        return {
            "STAGEKEEPER_DATABASE_URL": told["STAGEKEEPER_TEST_POSTGRES_APP_URL"] + verified, "STAGEKEEPER_ENCRYPTION_KEYS": keys,
            "STAGEKEEPER_REDIS_URL": (Path(self.redis_folder) / "mortal.app.url").read_text(encoding="utf-8").strip(),
        }

    def clear(self):
        for kind, place in (("postgres", self.postgres_folder), ("redis", self.redis_folder)):
            if place:
                log = Path(place) / ("log" if kind == "postgres" else "mortal.log")
                if log.exists():
                    shutil.copy(log, self.folder / f"{kind}.log")
                self.script(kind, "stop", place)

    def told(self, kind, *arguments):
        lines = self.script(kind, *arguments).splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def script(self, kind, *arguments):
        environment = os.environ | {"TMPDIR": str(self.folder)}
        return subprocess.run([ROOT / "Tests/servers" / kind, *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

    def postgres(self, what, *arguments):
        self.script("postgres", what, self.postgres_folder, *arguments)

    def redis(self, what, *arguments):
        self.script("redis", what, self.redis_folder, "mortal", *arguments)

    def cut_connections(self):
        """Ends every connection of the servers to their database."""
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stagekeeper_app'"
        subprocess.run(["psql", "--no-psqlrc", "--quiet", f"--dbname={self.admin_url}", f"--command={sql}"], check=False, stdout=subprocess.DEVNULL)

    def flush_redis(self):
        url = (Path(self.redis_folder) / "mortal.url").read_text(encoding="utf-8").strip()
        subprocess.run(["redis-cli", "--no-auth-warning", "-u", url, "FLUSHALL"], check=False, stdout=subprocess.DEVNULL)


DEPLOYMENTS = {kind.name: kind for kind in (Embedded, Production)}
