"""Definitions: every acknowledged edit is one revision, imports are whole or absent, and stages count the conversations that are there."""

from collections import Counter, defaultdict

from checker.records import finding

# What of a body carries the marker of the edit that has written it.
TEXTS = {"template": "content", "stage": "stage_description", "rule": "description"}


def check_definitions(records):
    marked = defaultdict(Counter)
    for entry in records.said("definition"):
        where = f"{entry['kind']} {entry['id']} of b{entry['business']}"
        revisions = entry["revisions"]
        if [revision["revision"] for revision in revisions] != list(range(1, len(revisions) + 1)):
            yield finding("revisions-broken", where, f"its revisions are {[revision['revision'] for revision in revisions][:50]}")
            continue
        texts = [revision["body"][TEXTS[entry["kind"]]] for revision in revisions]
        now = (entry["body"]["revision"], entry["body"][TEXTS[entry["kind"]]])
        if now != (len(revisions), texts[-1]):
            yield finding("value-lost", where, f"it reads as revision and text {now}, and the last is {(len(revisions), texts[-1])}")
        for text in texts:
            mark = mark_of(text)
            if mark:
                marked[entry["business"], mark][entry["id"]] += 1
        for operation in records.operations.values():
            if operation.do == "edit" and operation.intent["id"] == entry["id"] and operation.is_done:
                number = operation.body.get("revision")
                if not 1 <= number <= len(texts) or mark_of(texts[number - 1]) != operation.intent["marker"]:
                    yield finding("lost", where, f"{operation.id} was told that it made revision {number}, which is {texts[number - 1 : number]}")
    for operation in records.operations.values():
        if operation.do in ("edit", "import"):
            yield from _check_edit(operation, marked[operation.business, operation.intent["marker"]])
    yield from _check_stages(records)


def mark_of(text):
    """The number in `[name 17] …`; 0: it is as it was made."""
    head = text.partition("]")[0].rpartition(" ")[2]
    return int(head) if text.startswith("[") and head.isdigit() else 0


def _check_edit(operation, there):
    wanted = operation.intent.get("ids") or [operation.intent["id"]]
    counts = [there[id] for id in wanted]
    if max(counts) > 1 or sum(there.values()) > sum(counts):
        yield finding("doubled", operation.id, f"it is there {dict(there)}")
    elif operation.is_done and min(counts) < 1:
        yield finding("lost", operation.id, f"it was answered, and of what it changed there is {counts}")
    elif min(counts) != max(counts):
        yield finding("half-done", operation.id, f"of what it changed there is {counts}")
    elif max(counts) and operation.is_refused:
        yield finding("refused-and-done", operation.id, "every answer says that nothing was changed, and it was done")
    elif max(counts) and operation.was_told_no:
        codes = [(answer["attempt"], answer["status"], answer["code"]) for answer in operation.answers]
        yield finding("told-no-and-done", operation.id, f"it was lost, then refused ({codes}), and it was done")


def _check_stages(records):
    """The numbers of a stage are those of the conversations that are there."""
    here = Counter()
    for entry in records.said("conversation"):
        if entry["fresh"]:
            here[entry["business"], entry["fresh"]["current_stage_id"]] += 1
    for entry in records.said("stage"):
        count = here[entry["business"], entry["stage"]]
        if entry["here"] != count:
            where = f"stage {entry['name']} of b{entry['business']}"
            yield finding("count-wrong", where, f"it counts {entry['here']} conversations, and {count} are there")
