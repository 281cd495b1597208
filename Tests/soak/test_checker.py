"""The checker can fail: a run in which all is well has no findings, and everything that is tampered with in it has its own."""

import copy
import unittest

from checker import check_records
from checker.records import Records
from journal import marker, tag
from sampling import Sampling

GREETING, FORM, ASIDE, BRIEF = "stage-greeting", "stage-form", "stage-aside", "stage-brief"
PLACE, OWN = "shared-1", "own-0"


def a_world():
    return {"businesses": [{
        "templates": {"greeting": "t1", "form": "t2"},
        "clients": {f"b0-{role}0": {"actor": f"api_key:{role}"} for role in ("mover", "talker", "eraser", "editor")},
        "stages": {
            "greeting": {"id": GREETING, "scope": "conversation", "expires": False}, "form": {"id": FORM, "scope": "conversation", "expires": False},
            "aside": {"id": ASIDE, "scope": "stage", "expires": False}, "brief": {"id": BRIEF, "scope": "conversation", "expires": True},
        },
    }]}


class Story:
    """Tells a run, moment by moment, as clients would write it down and as servers would answer for it."""

    def __init__(self):
        self.t = 0.0
        self.journal, self.transitions, self.messages, self.items = [], {PLACE: [], OWN: []}, [], []
        self.position = 0

    def write(self, what, **entry):
        self.t += 1
        self.journal.append({"t": self.t, "is": what, **entry})

    def intend(self, op, do, conversation=None, **entry):
        self.write("intent", op=op, business=0, client=op.rpartition("-")[0], do=do, conversation=conversation, **entry)

    def answer(self, op, body, status=200, attempt=1, **entry):
        known = {"code": None, "replayed": False, "denied": False, "digest": f"digest of {op}"} | entry
        self.write("answer", op=op, attempt=attempt, server=0, status=status, body=body, **known)

    def send(self, op, attempt=1):
        self.write("sent", op=op, attempt=attempt, server=0)

    def happen(self, conversation, version, source, target, cause, actor, trace, sequence=0):
        self.position += 1
        made = {
            "version": version, "seq": sequence, "transition_id": f"{conversation}.{version}.{sequence}",
            "from_stage_id": source, "to_stage_id": target, "cause": cause, "actor": f"api_key:{actor}" if actor != "timer" else actor,
        }
        self.transitions[conversation].append(made | {"trace": trace})
        self.items.append({"id": self.position, "item": made | {"conversation_id": conversation}})

    def move(self, op, version, source, target, data, *, conversation=PLACE, is_answered=True, state=None, visits=None):
        patch = data | {marker(op): None}
        self.intend(op, "move", conversation, stage=target, data=patch, if_version=None)
        self.send(op)
        self.happen(conversation, version, source, target, "api", op.split("-")[1].rstrip("0"), {"data": sorted(patch)})
        if is_answered:
            self.answer(op, {"current_stage_id": target, "version": version, "data": state, "visits": visits})
        else:
            self.write("lost", op=op, attempt=1, server=0, why="cut")
            self.write("end", op=op)

    def say(self, op, text, answer):
        text = f"{tag(op, PLACE)} {text}"
        self.intend(op, "message", PLACE, text=text, **({"order": "AT-000001", "email": "a@example.org"} if "AT-" in text else {}))
        self.send(op)
        reply = f"[greeting 2] {text}"
        self.answer(op, {"message_id": op, "status": "replied", "reply": reply, **answer})
        self.messages.append({
            "message_id": op, "number": len(self.messages) + 1, "status": "replied", "reply": reply,
            "text": text.replace("a@example.org", "«masked»")})


def a_run():
    """A world, a journal and the evidence of a small run in which all is well."""
    story = Story()
    story.write("stream", client="b0-follower0", business=0, server=0, connection=1, after=0, filter={})
    # An edit, and an import.
    story.intend("b0-editor0-1", "edit", kind="template", id="t1", marker=1)
    story.send("b0-editor0-1")
    story.answer("b0-editor0-1", {"revision": 2})
    story.intend("b0-editor0-2", "import", kind="template", ids=["t1", "t2"], marker=2)
    story.send("b0-editor0-2")
    story.answer("b0-editor0-2", {})
    story.t += 5
    mine = {op: tag(op, PLACE) for op in ("b0-mover0-1", "b0-mover0-2", "b0-mover0-4")}
    story.move("b0-mover0-1", 1, None, GREETING, {"x": mine["b0-mover0-1"]}, state={"x": mine["b0-mover0-1"]}, visits={GREETING: 1})
    story.say("b0-talker0-1", "I want to order", {
        "stage_id": FORM, "version": 2, "data": {"x": mine["b0-mover0-1"]}, "extracted": {}})
    story.happen(PLACE, 2, GREETING, FORM, "rule", "talker", {"rules": []})
    story.say("b0-talker0-2", "AT-000001, a@example.org", {
        "stage_id": FORM, "version": 3, "data": {"x": mine["b0-mover0-1"], "order": "AT-000001", "email": "«masked»"},
        "extracted": {"order": {"value": "AT-000001"}, "email": {"value": "«masked»"}}})
    # Done, and its client never knew.
    story.move("b0-mover0-2", 4, FORM, ASIDE, {"y": mine["b0-mover0-2"]}, is_answered=False)
    # Refused, and not done.
    story.intend("b0-mover0-3", "move", PLACE, stage=FORM, data={marker("b0-mover0-3"): None}, if_version=1)
    story.send("b0-mover0-3")
    story.answer("b0-mover0-3", {}, status=412, code="precondition_failed", denied=True)
    known = {"x": mine["b0-mover0-4"], "order": "AT-000001", "email": "«masked»"}
    story.move("b0-mover0-4", 5, ASIDE, GREETING, {"x": mine["b0-mover0-4"]}, state=known, visits={GREETING: 2, FORM: 1, ASIDE: 1})
    story.intend("b0-mover0-5", "pause", PLACE)
    story.send("b0-mover0-5")
    story.happen(PLACE, 6, GREETING, GREETING, "api", "mover", {"action": "pause"})
    story.answer("b0-mover0-5", {"current_stage_id": GREETING, "version": 6, "data": known})
    story.write("read", business=0, client="b0-reader0", conversation=PLACE, server=0, fresh=True, t0=story.t, status=200, version=6, stage=GREETING,
                data=known, mode="paused")
    story.write("history", business=0, conversation=PLACE, server=0, t0=story.t,
                items=[[6, 0, f"{PLACE}.6.0"], [5, 0, f"{PLACE}.5.0"]])
    # One that was erased and begins anew.
    story.move("b0-eraser0-1", 1, None, BRIEF, {}, conversation=OWN, state={}, visits={BRIEF: 1})
    story.intend("b0-eraser0-2", "erase", OWN)
    story.send("b0-eraser0-2")
    story.answer("b0-eraser0-2", {}, status=204)
    story.transitions[OWN].clear()
    story.items.pop()
    story.move("b0-eraser0-3", 2, None, BRIEF, {}, conversation=OWN, state={}, visits={BRIEF: 1})
    story.happen(OWN, 3, BRIEF, None, "timer", "timer", {"reason": "expired"})
    for entry in story.items:
        story.write("event", client="b0-follower0", connection=1, **copy.deepcopy(entry))
    return a_world(), story.journal, _evidence(story, known)


def _evidence(story, known):
    state = {
        "current_stage_id": GREETING, "version": 6, "data": known, "status": "paused", "visits": {GREETING: 2, FORM: 1, ASIDE: 1}}
    gone = {"current_stage_id": None, "version": 3, "data": {}, "status": "active", "visits": {}}
    answers = {entry["op"]: entry for entry in story.journal if entry["is"] == "answer"}

    def revisions(*texts):
        return [{"revision": number, "body": {"content": text}} for number, text in enumerate(texts, 1)]

    return [
        {"is": "conversation", "business": 0, "conversation": PLACE, "fresh": state, "states": [copy.deepcopy(state)],
         "history": story.transitions[PLACE], "messages": story.messages, "revealed": known | {"email": "a@example.org"}},
        {"is": "conversation", "business": 0, "conversation": OWN, "fresh": gone, "states": [copy.deepcopy(gone)],
         "history": story.transitions[OWN], "messages": [], "revealed": {}},
        {"is": "repeated", "business": 0, "conversation": PLACE, "op": "b0-talker0-1", "status": 200, "replayed": True,
         "digest": "digest of b0-talker0-1", "body": answers["b0-talker0-1"]["body"]},
        {"is": "afterwards", "business": 0, "conversation": PLACE, "version": 6},
        {"is": "log", "business": 0, "server": 0, "reset": False, "items": story.items},
        {"is": "definition", "business": 0, "kind": "template", "id": "t1", "body": {"revision": 3, "content": "[greeting 2]"},
         "revisions": revisions("[greeting 0]", "[greeting 1]", "[greeting 2]")},
        {"is": "definition", "business": 0, "kind": "template", "id": "t2", "body": {"revision": 2, "content": "[form 2]"},
         "revisions": revisions("[form 0]", "[form 2]")},
        {"is": "stage", "business": 0, "name": "greeting", "stage": GREETING, "here": 1},
    ]


class Tampering:
    """Finds the places that a case wants to change."""

    def __init__(self, journal, evidence):
        self.journal, self.evidence = journal, evidence
        self.place, self.own = evidence[0], evidence[1]
        self.repeated, self.afterwards, self.log, self.first, self.second, self.stage = evidence[2:]

    def entry(self, what, op=None):
        return next(entry for entry in self.journal if entry["is"] == what and op in (None, entry.get("op")))

    def version(self, version):
        return next(transition for transition in self.place["history"] if transition["version"] == version)

    def drop(self, version):
        self.place["history"].remove(self.version(version))

    def answered_again(self, op, **changes):
        self.journal.append(copy.deepcopy(self.entry("answer", op)) | changes)

    def event(self, position):
        return next(entry for entry in self.journal if entry["is"] == "event" and entry["id"] == position)

    @staticmethod
    def intent(op, do):
        return {"t": 90, "is": "intent", "op": op, "business": 0, "client": op.rpartition("-")[0], "do": do, "conversation": PLACE}


def _insert_version(run):
    """Somebody did the acknowledged move again."""
    again = copy.deepcopy(run.version(5)) | {"version": 7, "from_stage_id": GREETING, "transition_id": "again"}
    run.place["history"].append(again)
    run.place["fresh"]["version"] = run.place["states"][0]["version"] = 7


def _double_message(run):
    run.place["messages"].append(copy.deepcopy(run.place["messages"][0]) | {"number": 3})


def _refused_message_is_there(run):
    run.journal.append(run.intent("b0-talker0-9", "message") | {"text": "x"})
    run.journal.append(copy.deepcopy(run.entry("answer", "b0-mover0-3")) | {"op": "b0-talker0-9", "t": 91})
    run.place["messages"].append(copy.deepcopy(run.place["messages"][0]) | {"number": 3, "message_id": "b0-talker0-9"})


def _refused_move_is_there(run):
    run.version(6).update(trace={"data": [marker("b0-mover0-3")]}, to_stage_id=FORM)


CASES = [
    ("An acknowledged move is gone", "lost", lambda run: run.drop(5)),
    ("Its version is gone", "versions-broken", lambda run: run.drop(5)),
    ("An acknowledged move is there twice", "doubled", _insert_version),
    ("A move that was refused is there", "refused-and-done", _refused_move_is_there),
    ("A move is another's", "mixed-up", lambda run: run.version(5)["trace"].update(data=[marker("b0-mover0-77")])),
    ("A move led elsewhere", "mixed-up", lambda run: run.version(5).update(to_stage_id=FORM)),
    ("The whole conversation is gone", "lost", lambda run: run.place.update(fresh=None)),
    ("Nobody has heard of the conversation", "lost", lambda run: run.evidence.remove(run.place)),
    ("The history has a hole in it", "history-broken", lambda run: run.version(5).update(from_stage_id=BRIEF)),
    ("The version has gone back", "versions-broken", lambda run: (run.place["fresh"].update(version=5), run.place["states"][0].update(version=5))),
    ("A pause was done twice", "doubled", lambda run: run.version(5).update(trace={"action": "pause"})),
    ("A message and a move have one version", "version-shared", lambda run: run.version(2).update(cause="api")),
    ("An acknowledged message is gone", "lost", lambda run: run.place["messages"].pop()),
    ("A message is there twice", "doubled", _double_message),
    ("A message that was refused is there", "refused-and-done", _refused_message_is_there),
    ("Messages are counted wrong", "messages-broken", lambda run: run.place["messages"][1].update(number=3)),
    ("A message has another's text", "mixed-up", lambda run: run.place["messages"][1].update(text="hello")),
    ("A message has another's reply", "mixed-up", lambda run: run.place["messages"][1].update(reply=tag("b0-talker0-2", "shared-9"))),
    ("A reply was made by what had long been replaced", "reply-old", lambda run: run.entry("answer", "b0-talker0-1")["body"].update(
        reply=f"[greeting 1] {tag('b0-talker0-1', PLACE)}")),
    ("One message was answered in two ways", "answers-differ", lambda run: run.answered_again("b0-talker0-1", digest="other", replayed=True)),
    ("One key was refused and done", "told-no-and-done", lambda run: run.answered_again(
        "b0-mover0-1", status=412, code="precondition_failed", denied=True, attempt=2)),
    ("One message was handled anew", "done-twice", lambda run: run.answered_again("b0-talker0-1")),
    ("One move was done anew under its key", "done-twice", lambda run: run.answered_again("b0-mover0-1")),
    ("Sent again at the end, a message was handled again", "handled-again", lambda run: run.repeated.update(replayed=False)),
    ("Sent again at the end, a message was answered otherwise", "answers-differ", lambda run: run.repeated.update(digest="other")),
    ("Messages that were sent again have changed something", "handled-again", lambda run: run.afterwards.update(version=7)),
    ("A datum is as it was before", "value-lost", lambda run: run.place["fresh"]["data"].update(x=tag("b0-mover0-1", PLACE))),
    ("A datum is gone", "value-lost", lambda run: run.place["fresh"]["data"].pop("order")),
    ("A datum has outlived its stage", "value-lost", lambda run: run.place["fresh"]["data"].update(y=tag("b0-mover0-2", PLACE))),
    ("A datum is another conversation's", "mixed-up", lambda run: run.place["fresh"]["data"].update(x=tag("b0-mover0-1", "shared-2"))),
    ("A sealed value is another's", "value-lost", lambda run: run.place["revealed"].update(email="b@example.org")),
    ("An answer had a value that was not kept", "value-lost", lambda run: run.entry("answer", "b0-mover0-1")["body"]["data"].update(x="z")),
    ("The stage is another", "value-lost", lambda run: run.place["fresh"].update(current_stage_id=FORM)),
    ("Visits are counted wrong", "value-lost", lambda run: run.place["fresh"]["visits"].update({FORM: 2})),
    ("A server reads something older", "servers-differ", lambda run: run.place["states"][0].update(version=5)),
    ("A read was older than what was known", "read-old", lambda run: run.entry("read").update(version=4)),
    ("A read showed what never was", "read-wrong", lambda run: run.entry("read")["data"].update(x="z")),
    ("A history was read that never was", "read-wrong", lambda run: run.entry("history")["items"].reverse()),
    ("An erased conversation goes on from before", "versions-broken", lambda run: [t.update(version=t["version"] - 1) for t in run.own["history"]]),
    ("Something erased is there again", "mixed-up", lambda run: run.own["history"][0]["trace"].update(data=[marker("b0-eraser0-1")])),
    ("The log lacks a transition", "events-differ", lambda run: run.log["items"].pop(2)),
    ("The log has one twice", "events-differ", lambda run: run.log["items"].insert(2, run.log["items"][2])),
    ("The log is not in order", "events-disordered", lambda run: run.log["items"].reverse()),
    ("A follower has missed an event", "event-missed", lambda run: run.journal.remove(run.event(3))),
    ("A follower got an event twice", "event-repeated", lambda run: run.journal.append(copy.deepcopy(run.event(3)))),
    ("A follower got an event that never was", "event-foreign", lambda run: run.event(5)["item"].update(transition_id="other")),
    ("An acknowledged edit is gone", "lost", lambda run: run.first["revisions"][1]["body"].update(content="[greeting 0]")),
    ("An edit was made twice", "doubled", lambda run: run.first["revisions"][0]["body"].update(content="[greeting 1]")),
    ("Revisions are not counted", "revisions-broken", lambda run: run.first["revisions"].pop(1)),
    ("A definition reads as an earlier revision", "value-lost", lambda run: run.first["body"].update(content="[greeting 1]")),
    ("Half an import is there", "half-done", lambda run: (
        run.journal.remove(run.entry("answer", "b0-editor0-2")), run.second["revisions"].pop(),
        run.second.update(body={"revision": 1, "content": "[form 0]"}))),
    ("A stage counts wrong", "count-wrong", lambda run: run.stage.update(here=2)),
    ("A client was answered with an internal error", "unforeseen-answer", lambda run: run.entry("answer", "b0-mover0-3").update(
        status=500, code="internal_error")),
    ("A conversation is held up for good", "stuck", lambda run: run.journal.append({"t": 99, "is": "finding", "code": "stuck", "what": "x"})),
    ("Nothing of a kind ever succeeds", "never-done", lambda run: [
        run.journal.append(run.intent(f"b0-mover0-9{number}", "rewind")) for number in range(3)]),
    ("A client lost its connection for no reason", "connection-lost", lambda run: run.entry("lost").update(why="ServerDisconnectedError")),
]


class CheckerTests(unittest.TestCase):
    def test_nothing_is_found_where_all_is_well(self):
        self.assertEqual(check_records(Records(*a_run())), [])

    def test_everything_that_is_tampered_with_is_found(self):
        for name, code, tamper in CASES:
            with self.subTest(name):
                world, journal, evidence = copy.deepcopy(a_run())
                tamper(Tampering(journal, evidence))
                found = check_records(Records(world, journal, evidence))
                self.assertIn(code, {finding["code"] for finding in found}, found)


class SamplingTests(unittest.TestCase):
    class Run:
        seconds = 900

    def judge(self, growth, descriptors=40, pool=5):
        sampling = Sampling.__new__(Sampling)
        sampling.run, sampling.rests = self.Run, {(0, 1): [(0.5, 1, 1, 55, 5), (1, 1, 1, descriptors + 3 * pool, pool)]}
        # Growth before the middle is no growth of the second half.
        sizes = [(moment / 100, 50_000 if moment < 40 else 100_000 + growth * max(0, moment - 60) / 35) for moment in range(100)]
        sampling.samples = {(0, 1): [(moment, size, size, 50, pool) for moment, size in sizes]}
        return [finding["code"] for finding in sampling.judge()[1]]

    def test_memory_may_grow_by_five_in_a_hundred_in_the_second_half(self):
        self.assertEqual([self.judge(0), self.judge(4_000), self.judge(6_000)], [[], [], ["memory-grows"]])

    def test_descriptors_at_rest_are_as_many_at_the_end_as_in_the_middle(self):
        self.assertEqual(self.judge(0, descriptors=42), [])
        self.assertEqual(self.judge(0, descriptors=43), ["descriptors-grow"])
        self.assertEqual(self.judge(0, pool=11), ["pool-grows"])


if __name__ == "__main__":
    unittest.main()
