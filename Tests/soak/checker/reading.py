"""Reads during the run: each shows a state that the conversation really had, and none that is older than what was known."""

from bisect import bisect_left

# How old a state may be that is read from a cache which several servers share, in seconds.
STALENESS = 2


def check_reads(conversation):
    records = conversation.records
    reads = [entry for entry in records.others["read"] if (entry["business"], entry["conversation"]) == (conversation.business, conversation.id)]
    if conversation.erased_at is not None or any(operation.do == "erase" for operation in conversation.operations):
        yield from _check_erased(conversation, reads)
        return
    known = _Known((operation.acknowledged, operation.version) for operation in conversation.operations if operation.version)
    moved = _Known(
        (operation.acknowledged, operation.version) for operation in conversation.operations
        if operation.version and operation.version in conversation.transitions)
    expiring = {stage["id"] for stage in conversation.world["stages"].values() if stage["expires"]}
    slack = STALENESS if records.is_shared else 0
    for read in reads:
        least = known.before(read["t0"] - (0 if read["fresh"] else slack))
        if read["version"] < least:
            seen = f"server {read['server']} read version {read['version']} at {read['t0']:.2f}, fresh: {read['fresh']}"
            yield conversation.finding("read-old", f"{seen}, when {least} was known")
        if read["status"] == 404:
            continue
        snapshot = conversation.snapshots.get(read["version"])
        if snapshot is None:
            yield conversation.finding("read-wrong", f"server {read['server']} read version {read['version']}, which never was")
            continue
        has_expired = read["stage"] is None and read["data"] == {} and snapshot.stage in expiring
        if not has_expired and (read["stage"], read["data"], read["mode"]) != (snapshot.stage, snapshot.data, snapshot.mode):
            yield conversation.finding(
                "read-wrong", f"server {read['server']} read of version {read['version']} {read['stage']} {read['data']} {read['mode']}, "
                f"and it was {snapshot.stage} {snapshot.data} {snapshot.mode}")
    yield from _check_histories(conversation, moved, slack)


def _check_histories(conversation, moved, slack):
    history = [[item["version"], item["seq"], item["transition_id"]] for item in reversed(conversation.evidence["history"])]
    places = {tuple(item): place for place, item in enumerate(history)}
    for read in conversation.records.others["history"]:
        if (read["business"], read["conversation"]) != (conversation.business, conversation.id):
            continue
        items = read["items"]
        place = places.get(tuple(items[0])) if items else None
        if items and (place is None or history[place : place + len(items)] != items):
            yield conversation.finding("read-wrong", f"server {read['server']} read a history that never was at {read['t0']:.2f}: {items[:3]}")
        least = moved.before(read["t0"] - slack)
        if (items[0][0] if items else 0) < least:
            seen = f"server {read['server']} read a history up to {items[:1]} at {read['t0']:.2f}"
            yield conversation.finding("read-old", f"{seen}, when {least} was known")


def _check_erased(conversation, reads):
    """One that is erased is gone, until it is written to again."""
    erased = sorted(operation.acknowledged for operation in conversation.operations if operation.do == "erase" and operation.is_done)
    begun = sorted(operation.begun for operation in conversation.operations)
    for read in reads:
        last = max((moment for moment in erased if moment <= read["t0"]), default=None)
        if last is None or not read["fresh"] or read["status"] == 404:
            continue
        if not any(last < moment < read["t"] for moment in begun):
            yield conversation.finding("erased-read", f"it was erased at {last:.2f} and read at {read['t0']:.2f}: {read['data']}")


class _Known:
    """The newest version that was acknowledged before a moment."""

    def __init__(self, pairs):
        pairs = sorted(pairs)
        self.moments = [moment for moment, _ in pairs]
        self.newest, newest = [], 0
        for _, version in pairs:
            newest = max(newest, version)
            self.newest.append(newest)

    def before(self, moment):
        place = bisect_left(self.moments, moment)
        return self.newest[place - 1] if place else 0
