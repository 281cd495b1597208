"""What clients were told while the run lasted: that they were answered, and only in ways that the documentation has."""

from collections import Counter, defaultdict

from checker.records import DONE, finding

# How much longer than a fault itself connections may suffer from it, in seconds.
AFTERMATH = 4
# Of the time of an answer that is late, what must be a fault's or another's.
PART = 0.25
# Of what is asked for so often something must have been done.
ENOUGH = 3
# Faults that end or hold up what a client is connected to.
BREAKING = ("kill", "terminate", "pause")
# Refusals that may be met, by what was to be done.
REFUSALS = {
    "state_conflict", "idempotency_key_in_progress", "precondition_failed", "not_found", "not_started", "database_unavailable", "too_many_messages",
    "conversation_busy",
}
# Those of them that do not say what becomes of it when it is sent again.
PASSING = {"state_conflict", "idempotency_key_in_progress", "too_many_messages", "conversation_busy"}
MORE = {"rewind": {"invalid_input"}}


def check_answers(records):
    for entry in records.others["finding"]:
        operation = records.operations.get(entry.get("op"))
        if entry["code"] != "not-answered" or operation is None or not _is_excused(records, operation.begun, entry["t"]):
            yield finding(entry["code"], entry.get("op") or "", entry["what"])
    yield from _check_refusals(records)
    yield from _check_losses(records)
    yield from _check_reached(records)
    for operation in records.operations.values():
        answers = {answer["digest"] for answer in operation.done}
        if len(answers) > 1:
            yield finding("answers-differ", operation.id, f"it was answered in {len(answers)} ways: {[a['body'] for a in operation.done][:3]}")
        yield from _check_replays(operation)
        yield from _check_contradictions(operation)


def _is_excused(records, begun, end):
    """Whether an answer may have taken so long because of a fault, or because the machine had no time for it."""
    held = [(entry["t0"], entry["t"]) for entry in records.others["held"] + records.others["fault"]]
    return sum(max(0, min(end, to) - max(begun, start)) for start, to in held) > PART * (end - begun)


def _check_reached(records):
    """What never succeeds is not tried at all."""
    wanted, done = Counter(), Counter()
    for operation in records.operations.values():
        wanted[operation.do] += 1
        done[operation.do] += operation.is_done
    for do, count in wanted.items():
        if count >= ENOUGH and not done[do]:
            yield finding("never-done", do, f"it was asked for {count} times and never done")


def _check_replays(operation):
    """Of an operation one answer alone is not a repetition."""
    if operation.do == "import":
        return
    first = [answer for answer in operation.done if not answer["replayed"]]
    if len(first) > 1:
        versions = [answer["body"].get("version") for answer in first]
        yield finding("done-twice", operation.id, f"{len(first)} answers say that it was done anew, with the versions {versions}")


def _check_contradictions(operation):
    """One key, or one message_id, has one answer: what is done is not refused to another who asks for the same."""
    refused = [
        answer for answer in operation.answers if 400 <= answer["status"] < 500 and answer["denied"] and answer["code"] not in PASSING
    ]
    if operation.is_done and refused:
        told = [(answer["attempt"], answer["server"], answer["status"], answer["code"]) for answer in sorted(operation.answers, key=lambda a: a["t"])]
        yield finding("told-no-and-done", operation.id, f"it was refused and done, in the order of the answers: {told}")


def _check_refusals(records):
    foreign = defaultdict(list)

    def look(entry, do, op):
        if entry["status"] in DONE or entry["code"] in REFUSALS | MORE.get(do, set()):
            return
        foreign[entry["status"], entry["code"]].append((op, entry.get("problem")))

    for operation in records.operations.values():
        for answer in operation.answers:
            look(answer, operation.do, operation.id)
    for entry in records.others["answer"]:
        look(entry, "read", "a read")
    for (status, code), which in foreign.items():
        yield finding("unforeseen-answer", f"{status} {code}", f"{len(which)} times, first to {which[0][0]}: {which[0][1]}")


def _check_losses(records):
    """A connection breaks when its server is ended, or the client has cut it; else nobody may lose one."""
    windows = [(fault["target"], fault["t0"], fault["t"] + AFTERMATH) for fault in records.others["fault"]]
    breaking = [window for window, fault in zip(windows, records.others["fault"], strict=True) if fault["name"] in BREAKING]
    unexplained = []
    losses = [(entry, operation.id, operation.do) for operation in records.operations.values() for entry in operation.losses]
    sent = {(operation.id, entry["attempt"]): entry["t"] for operation in records.operations.values() for entry in operation.sent}
    for entry, op, do in losses + [(entry, "a read", "read") for entry in records.others["lost"]]:
        if entry["why"] == "cut" or do == "import":
            continue
        begun = sent.get((op, entry.get("attempt")), entry.get("t0", entry["t"]))
        server = f"server-{entry['server']}"
        # What takes too long may be held up by any fault.
        is_late = "TimeoutError" in entry["why"]
        causes = windows if is_late else [window for window in breaking if window[0] == server]
        if is_late and _is_excused(records, begun, entry["t"]):
            continue
        if not any(begun <= end and entry["t"] >= start for _, start, end in causes):
            unexplained.append((op, server, entry))
    if unexplained:
        op, server, entry = unexplained[0]
        yield finding("connection-lost", server, f"{len(unexplained)} times, first of {op}: {entry['why']} at {entry['t']:.2f}")
    for fault in records.others["fault"]:
        if fault["name"] == "terminate" and fault["result"] != 0:
            yield finding("exit-status", fault["target"], f"asked to end, it ended with {fault['result']}")
