"""Fills the database of a server that is stopped far quicker than its API could, with copies of what the API has made (prepare.py):

    grow.py DATABASE FOLDER conversations COUNT HOT   so many conversations, of which HOT have the names that loads ask about
    grow.py DATABASE FOLDER stages COUNT              so many stages in the business
    grow.py DATABASE FOLDER businesses COUNT          so many businesses

DATABASE is the path of a SQLite file or postgres:NAME. FOLDER has the file `targets` (see load.lua), which is written anew. Rows are copied whole, so that
nothing here knows more of the schema than names of tables and of those columns that must differ. Statistics are left alone."""

import hashlib
import random
import re
import sqlite3
import sys
import time
import uuid

# What a business consists of, parents first.
DEFINITIONS = ("businesses", "agents", "templates", "stages", "transition_rules", "api_keys")
TABLES = (*DEFINITIONS, "conversations", "transitions", "events")
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SEED = 20260131
BATCH = 500


class SQLite:
    """One transaction on a file, which nothing else may use meanwhile."""

    minutes_before = "conversations.updated_at - copies.place * 60000000"

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.create_function("gen_random_uuid", 0, lambda: str(uuid.uuid4()))
        for statement in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -1000000", "PRAGMA temp_store = MEMORY", "BEGIN"):
            self.run(statement)

    def run(self, statement):
        return self.connection.execute(statement)

    def insert(self, table, rows):
        marks = ", ".join("?" * len(rows[0]))
        self.connection.executemany(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({marks})", [tuple(row.values()) for row in rows])

    def commit(self):
        self.run("COMMIT")
        self.connection.close()


class PostgreSQL:
    """One transaction on a database. Its connection is of the Python that the run has made."""

    minutes_before = "conversations.updated_at - copies.place * interval '1 minute'"

    def __init__(self, name):
        import psycopg2.extras

        self.extras = psycopg2.extras
        self.connection = psycopg2.connect(dbname=name)
        # JSON stays the text that it is.
        for register in (self.extras.register_default_json, self.extras.register_default_jsonb):
            register(self.connection, loads=lambda text: text)

    def run(self, statement):
        cursor = self.connection.cursor()
        cursor.execute(statement)
        return cursor

    def insert(self, table, rows):
        cursor = self.connection.cursor()
        self.extras.execute_values(cursor, f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES %s", [tuple(row.values()) for row in rows], page_size=1000)

    def commit(self):
        self.run("SELECT setval(pg_get_serial_sequence('events', 'position'), (SELECT max(position) FROM events))")
        self.connection.commit()
        self.connection.close()


def read(database, query):
    """The rows of a query as dictionaries."""
    cursor = database.run(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


class Targets:
    """The file that loads read."""

    def __init__(self, folder):
        self.path = f"{folder}/targets"
        with open(self.path, encoding="ascii") as file:
            self.business, self.key, self.agent, self.conversations, *self.stages = file.readline().split()

    def write(self, lines):
        with open(self.path, "w", encoding="ascii") as file:
            file.writelines(" ".join(map(str, line)) + "\n" for line in lines)


def grow_conversations(database, targets, count, hot):
    """Copies conversations, in no order, so that the hot ones lie everywhere among the others, as they would after months: a minute after each other."""
    hot = min(count, hot)
    names = [f"customer-{number:06}" + (f"-{copy}" if copy else "") for copy in range(count // hot) for number in range(1, hot + 1)]
    seeds = [row["conversation_id"] for row in read(database, "SELECT conversation_id FROM conversations ORDER BY conversation_id")]
    names = [name for name in names if name not in seeds]
    random.seed(SEED)
    random.shuffle(names)
    database.run("CREATE TEMPORARY TABLE copies (place BIGINT PRIMARY KEY, id TEXT NOT NULL, seed TEXT NOT NULL)")
    database.insert("copies", [{"place": place, "id": name, "seed": seeds[place % len(seeds)]} for place, name in enumerate(names, 1)])
    last = read(database, "SELECT max(position) AS last FROM events")[0]["last"]
    changes = {
        "conversations": {"updated_at": database.minutes_before, "updated_minute": "conversations.updated_minute - copies.place"},
        "transitions": {"transition_id": "gen_random_uuid()", "event_position": f"{last} + copies.place"},
        "events": {"position": f"{last} + copies.place"}}
    for table, changed in changes.items():
        columns = [column[0] for column in database.run(f"SELECT * FROM {table} LIMIT 0").description]
        values = [{"conversation_id": "copies.id", **changed}.get(column, f"{table}.{column}") for column in columns]
        database.run(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM copies JOIN {table} ON {table}.conversation_id = copies.seed "
            "ORDER BY copies.place")
    targets.write([[targets.business, targets.key, targets.agent, hot, *targets.stages]])


def grow_stages(database, targets, count):
    """Copies the business's second stage: the first one is the entry."""
    source = read(database, "SELECT * FROM stages WHERE stage_name = 'Stage 02'")[0]
    numbers = range(len(targets.stages) + 1, count + 1)
    copies = [{**source, "stage_id": str(uuid.uuid4()), "stage_name": f"Stage {number:05}"} for number in numbers]
    database.insert("stages", copies)
    targets.write([[targets.business, targets.key, targets.agent, targets.conversations, *targets.stages, *(copy["stage_id"] for copy in copies)]])


def grow_businesses(database, targets, count):
    """Copies a business with all that it has; every id of it becomes another."""
    rows = {table: read(database, f"SELECT * FROM {table}") for table in TABLES}
    last = max(row["position"] for row in rows["events"])
    own = {value for table in DEFINITIONS for row in rows[table] for name, value in row.items() if name.endswith("_id") and value is not None}
    lines = [[targets.business, targets.key, targets.agent, targets.conversations, *targets.stages]]
    for start in range(1, count, BATCH):
        copies = {table: [] for table in TABLES}
        for number in range(start, min(start + BATCH, count)):
            other = {id: str(uuid.uuid5(uuid.NAMESPACE_OID, f"{id}/{number}")) for id in own}
            prefix = "sk_" + "".join(LETTERS[number // len(LETTERS)**place % len(LETTERS)] for place in range(8))
            secret = f"{prefix}_{number:043}"

            def renamed(value):
                return UUID.sub(lambda found: other.get(found[0], found[0]), value) if isinstance(value, str) and "-" in value else value

            for table in TABLES:
                copies[table] += [{name: renamed(value) for name, value in row.items()} for row in rows[table]]
            copies["api_keys"][-1] |= {"prefix": prefix, "hash": hashlib.sha256(secret.encode()).digest()}
            for table, column in (("events", "position"), ("transitions", "event_position")):
                for copy in copies[table][-len(rows[table]):]:
                    copy[column] += last * number
            lines.append([other[targets.business], secret, other[targets.agent], targets.conversations, *(other[stage] for stage in targets.stages)])
        for table in TABLES:
            database.insert(table, copies[table])
    targets.write(lines)


def main(address, folder, what, *numbers):
    start = time.monotonic()
    database = PostgreSQL(address.removeprefix("postgres:")) if address.startswith("postgres:") else SQLite(address)
    grow = {"conversations": grow_conversations, "stages": grow_stages, "businesses": grow_businesses}[what]
    grow(database, Targets(folder), *map(int, numbers))
    # The new events are not to be folded into the statistics.
    database.run("DELETE FROM followers WHERE name = 'statistics'")
    database.run("INSERT INTO followers (name, position) SELECT 'statistics', max(position) FROM events")
    database.commit()
    print(f"{int(numbers[0]):,} {what} are in the database after {time.monotonic() - start:.0f} s.", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
