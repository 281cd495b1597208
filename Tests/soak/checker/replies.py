"""Replies: each is made by a template as it was then, not by one that was replaced long before."""

import re
from collections import defaultdict

from checker.definitions import mark_of
from checker.records import finding

# How long a server may go on by what another has changed, when nothing is wrong, in seconds.
STALENESS = 2
HEAD = re.compile(r"\[([a-z]+) (\d+)\]")


def check_replies(records):
    revisions = _revisions(records)
    known = _acknowledged(records, revisions)
    faults = [(fault["t0"] - STALENESS, fault["t"] + STALENESS) for fault in records.others["fault"]]
    templates = [business["templates"] for business in records.world["businesses"]]
    for operation in records.operations.values():
        if operation.do != "message" or not operation.is_done:
            continue
        answer = operation.done[0]
        sent = next(entry["t"] for entry in operation.sent if entry["attempt"] == answer["attempt"])
        if answer["replayed"] or any(sent <= end and answer["t"] >= start for start, end in faults):
            continue
        for name, mark in HEAD.findall(operation.body.get("reply") or ""):
            id = templates[operation.business].get(name)
            made = revisions.get((id, int(mark)), 0)
            least = max((revision for moment, revision in known[id] if moment < sent - STALENESS), default=0)
            if made < least:
                what = f"its reply is by revision {made} of the template {name}, and {least} was there {STALENESS} s before"
                yield finding("reply-old", operation.id, what)


def _revisions(records):
    """Which revision of a template has which marker."""
    return {
        (entry["id"], mark_of(revision["body"]["content"])): revision["revision"]
        for entry in records.said("definition") if entry["kind"] == "template" for revision in entry["revisions"]
    }


def _acknowledged(records, revisions):
    """By template: the moments at which clients knew of revisions."""
    known = defaultdict(list)
    for operation in records.operations.values():
        if operation.do in ("edit", "import") and operation.intent["kind"] == "template" and operation.is_done:
            for id in operation.intent.get("ids") or [operation.intent["id"]]:
                known[id].append((operation.acknowledged, revisions.get((id, operation.intent["marker"]), 0)))
    return known
