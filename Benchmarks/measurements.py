"""Reads the lines that ./run has collected. A line is a JSON object with `kind`, what it is about, and what observe.py has printed; times are microseconds."""

import json
from statistics import median

# Of DESIGN.md, section 9: what each row is, what it is measured against, and at least so many times that.
BARE, PGBENCH = "bare Hummingbird route, the same bytes", "`pgbench`, single-row inserts"
ROWS = {
    "stage": ("`GET /stages/{id}`", BARE, 0.85),
    "state": ("`GET /stages/{id}/state?conversation_id=`", BARE, 0.85),
    "redis-state": ("`GET /stages/{id}/state?conversation_id=` in production, through Redis", BARE, 0.55),
    "move": ("`PUT /stages/{id}/state`, a durable move", PGBENCH, 1.5),
    "turn": ("`POST /conversations/{id}/messages`, a durable turn, no model, 20 rules, 10 fields", PGBENCH, 1.0),
    "production-move": ("`PUT /stages/{id}/state` in production, PostgreSQL and Redis", PGBENCH, 0.7),
}
# The same in short.
NAMES = {
    "stage": "read a stage", "state": "read a state", "redis-state": "read a state through Redis", "move": "durable move", "turn": "durable turn, 20 rules",
    "production-move": "durable move, PostgreSQL and Redis"}
# The jobs that the Python services do, too, and the rows that are ours.
JOBS = {"stage": ("stage",), "state": ("state", "redis-state"), "move": ("move", "production-move")}
PEERS = {"fastapi": "FastAPI, tuned", "flask": "Flask, the specification's own design"}


class Series:
    """The rounds of one measurement."""

    def __init__(self, lines):
        self.lines = sorted(lines, key=lambda line: line.get("round", 0))

    def __bool__(self):
        return bool(self.lines)

    @property
    def rates(self):
        """By round, a second."""
        return {line.get("round", 0): line["requests"] * 1e6 / line["microseconds"] for line in self.lines}

    @property
    def rate(self):
        return median(self.rates.values())

    def milliseconds(self, name):
        return median(line[name] for line in self.lines) / 1000

    @property
    def processor(self):
        """The microseconds of processor time that each process took for a request."""
        return {name: median(line["cpu"][name] * 1e6 / line["requests"] for line in self.lines) for name in self.lines[0]["cpu"]}

    @property
    def memory(self):
        """The most MB that the process has had that answers: the first that is named."""
        return max(next(iter(line["memory"].values())) for line in self.lines)

    @property
    def answered(self):
        """Without what was refused."""
        return Series([{**line, "requests": line["requests"] - line["refused"]} for line in self.lines])

    @property
    def faults(self):
        return sum(line["refused"] + line["broken"] for line in self.lines)

    def ratio(self, other):
        """The median of the rounds' ratios, whose sides ran one after the other."""
        mine, others = self.rates, other.rates
        return median(mine[number] / others[number] for number in mine if number in others)


class Measurements:
    def __init__(self, folder):
        with open(f"{folder}/lines", encoding="utf-8") as file:
            self.lines = [json.loads(line) for line in file]

    def matching(self, labels):
        return [line for line in self.lines if all(line.get(name) == value for name, value in labels.items())]

    def series(self, **labels):
        return Series(self.matching(labels))

    def distinct(self, *names, **labels):
        """The values that some labels have together, in the order in which they were measured."""
        return list(dict.fromkeys(tuple(line[name] for name in names) for line in self.matching(labels)))

    def rows(self):
        """Each row that was measured: its name, ours, its baseline."""
        for path in ROWS:
            ours, baseline = (self.series(kind="rate", path=path, side=side) for side in ("ours", "baseline"))
            if ours and baseline:
                yield path, ours, baseline

    def growth(self):
        """Each path that was asked of a small and of a large store: what has grown, deployment, path, and both sizes with their series."""
        for what, deployment, path in self.distinct("what", "deployment", "path", kind="growth"):
            sizes = sorted(count for (count,) in self.distinct("count", kind="growth", what=what, deployment=deployment))
            some = [self.series(kind="growth", what=what, deployment=deployment, path=path, count=size) for size in (sizes[0], sizes[-1])]
            yield what, deployment, path, (sizes[0], sizes[-1]), some
