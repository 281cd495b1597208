"""Where a server keeps what it has, as STAGEKEEPER_TEST_STORE says: in a SQLite file, or in PostgreSQL, with Redis or without."""

import base64
import os
import subprocess
from contextlib import contextmanager
from uuid import uuid4

STORE = os.environ.get("STAGEKEEPER_TEST_STORE", "sqlite")
STORES = ("sqlite", "postgres", "postgres+redis")


@contextmanager
def empty_database(folder, binary):
    """The settings for a database of a server's own, with the rights that docs/operations.md gives to what serves; it is removed afterwards."""
    if STORE not in STORES:
        raise SystemExit(f"STAGEKEEPER_TEST_STORE must be one of {', '.join(STORES)}, not {STORE!r}.")
    if STORE == "sqlite":
        yield {"STAGEKEEPER_DATABASE_URL": f"sqlite:{folder}/stagekeeper.sqlite"}
        return
    name = f"browser_{uuid4().hex}"
    keys = {"STAGEKEEPER_ENCRYPTION_KEYS": f"k1:{base64.b64encode(os.urandom(32)).decode()}"}
    # The server's own database has the rights within it, and nothing else as long as nobody uses it.
    _administrate(f"CREATE DATABASE {name} TEMPLATE stagekeeper STRATEGY file_copy OWNER stagekeeper")
    try:
        _administrate(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO stagekeeper_app")
        owner = keys | {"STAGEKEEPER_DATABASE_URL": _url("", name)}
        subprocess.run([binary, "migrate"], env=os.environ | owner, check=True, stdout=subprocess.DEVNULL)
        redis = {"STAGEKEEPER_REDIS_URL": _told("STAGEKEEPER_TEST_REDIS_APP_URL")} if STORE == "postgres+redis" else {}
        yield keys | redis | {"STAGEKEEPER_DATABASE_URL": _url("APP_", name)}
    finally:
        _administrate(f"DROP DATABASE {name} WITH (FORCE)")


def _administrate(sql):
    subprocess.run(["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command", sql, _url("ADMIN_", "postgres")], check=True)


def _url(user, database):
    return f"{_told(f'STAGEKEEPER_TEST_POSTGRES_{user}URL').rpartition('/')[0]}/{database}"


def _told(variable):
    """What `Tests/servers/with` says of the servers that it has started."""
    if variable not in os.environ:
        raise SystemExit(f"{variable} is not set: run Tests/servers/with Tests/browser/run")
    return os.environ[variable]
