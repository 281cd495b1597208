"""Events: the log has every transition once and in order, and who followed it missed nothing and got nothing twice, however often they were cut."""

from collections import defaultdict

from checker.conversations import ANCHOR
from checker.records import finding


def check_events(records):
    logs = defaultdict(list)
    for entry in records.said("log"):
        logs[entry["business"]].append(entry)
    for business, entries in logs.items():
        first = entries[0]
        for other in entries[1:]:
            if other["items"] != first["items"]:
                yield finding("servers-differ", f"the log of b{business}", f"servers {first['server']} and {other['server']} tell it differently")
        if any(entry["reset"] for entry in entries):
            yield finding("reset", f"the log of b{business}", "it is said not to be kept any more")
        yield from _check_log(records, business, first["items"])
        yield from _check_followers(records, business, first["items"])


def _check_log(records, business, items):
    where = f"the log of b{business}"
    positions = [entry["id"] for entry in items]
    if positions != sorted(positions):
        yield finding("events-disordered", where, "its positions do not grow")
    found = defaultdict(list)
    for entry in items:
        item = entry["item"]
        found[item["conversation_id"]].append((item["version"], item["seq"], item["transition_id"], item["from_stage_id"], item["to_stage_id"]))
    for evidence in records.said("conversation"):
        conversation = evidence["conversation"]
        if evidence["business"] != business or conversation == ANCHOR:
            continue
        history = [
            tuple(item[name] for name in ("version", "seq", "transition_id", "from_stage_id", "to_stage_id")) for item in evidence["history"]
        ]
        logged = found.pop(conversation, [])
        if logged != history:
            missing, more = sorted(set(history) - set(logged)), sorted(set(logged) - set(history))
            yield finding(
                "events-differ", f"{conversation} of b{business}", f"the log lacks {missing[:3]}, has {more[:3]} besides, or has them in another order")
    for conversation in set(found) - {None, ANCHOR}:
        yield finding("events-differ", where, f"it has {len(found[conversation])} transitions of {conversation}, of which nothing else is known")


def _check_followers(records, business, items):
    erased = {
        operation.conversation for operation in records.operations.values() if operation.do == "erase" and operation.business == business
    }
    got, begun = defaultdict(list), {}
    for entry in records.others["event"]:
        got[entry["client"]].append(entry)
    for entry in records.others["stream"]:
        if entry["business"] == business:
            begun.setdefault(entry["client"], entry)
    for client, start in begun.items():
        events = got[client]
        ids = [event["item"]["transition_id"] for event in events]
        if len(set(ids)) < len(ids):
            twice = [event for place, event in enumerate(events) if event["item"]["transition_id"] in ids[:place]][:3]
            yield finding("event-repeated", client, f"{len(ids) - len(set(ids))} transitions came twice, such as {twice}")
        if not events:
            continue
        end = events[-1]["id"]
        wanted = [entry["item"]["transition_id"] for entry in items if entry["id"] <= end and _is_wanted(entry["item"], start["filter"])]
        there = set(wanted)
        kept = [id for id in ids if id in there]
        if kept != wanted:
            missing = [id for id in wanted if id not in set(ids)]
            yield finding("event-missed", client, f"{len(missing)} transitions did not come, such as {missing[:3]}; or not in their order")
        for event in events:
            item = event["item"]
            if not _is_wanted(item, start["filter"]):
                yield finding("event-foreign", client, f"it asked for {start['filter']} alone and got {item}")
                break
            if item["transition_id"] not in there and item["conversation_id"] not in erased | {None}:
                yield finding("event-foreign", client, f"it got what is not in the log: {item}")
                break


def _is_wanted(item, filter):
    if "stage_id" in filter:
        return filter["stage_id"] in (item["from_stage_id"], item["to_stage_id"])
    if "conversation_id" in filter:
        return item["conversation_id"] == filter["conversation_id"]
    return True
