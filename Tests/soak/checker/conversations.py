"""Conversations: every acknowledged commit is there once and others at most once, versions are unbroken, values are as last written, and nobody has
another's."""

import json
from collections import Counter, defaultdict

from journal import TAG, marker

from checker.messages import check_messages
from checker.reading import check_reads
from checker.records import finding
from checker.replay import Replay, Snapshot

# Made before the clients came, and moved after they went: nobody wrote a journal of it.
ANCHOR = "anchor-0"


def check_conversations(records):
    repeated = {(entry["business"], entry["op"]): entry for entry in records.said("repeated")}
    seen = set()
    for evidence in records.said("conversation"):
        key = (evidence["business"], evidence["conversation"])
        seen.add(key)
        if key[1] == ANCHOR:
            continue
        yield from _Conversation(records, evidence, repeated).run()
    for key in sorted(set(records.by_conversation) - seen):
        if any(operation.is_done and operation.do != "erase" for operation in records.by_conversation[key]):
            yield finding("lost", f"{key[1]} of b{key[0]}", "clients were answered, and nothing is known of it")
    for entry in records.said("repeated"):
        yield from _check_repeated(records, entry)
    yield from _check_afterwards(records)


def _check_repeated(records, entry):
    """A message that is sent again at the end gets the answer that it got."""
    operation = records.operations.get(entry["op"])
    if entry["status"] not in (200, 202) or not entry["replayed"]:
        yield finding("handled-again", entry["op"], f"sent again at the end it was answered as a new one: {entry['status']}")
    elif operation is not None and operation.is_done and operation.done[0]["digest"] != entry["digest"]:
        yield finding("answers-differ", entry["op"], f"at the end it was answered {entry['body']}, before {operation.body}")


def _check_afterwards(records):
    versions = {(entry["business"], entry["conversation"]): entry["fresh"] for entry in records.said("conversation")}
    for entry in records.said("afterwards"):
        before = versions.get((entry["business"], entry["conversation"]))
        if before and before["version"] != entry["version"]:
            where = f"{entry['conversation']} of b{entry['business']}"
            yield finding("handled-again", where, f"repeated messages took it from version {before['version']} to {entry['version']}")


class _Conversation:
    def __init__(self, records, evidence, repeated):
        self.records, self.evidence, self.repeated = records, evidence, repeated
        self.business, self.id = evidence["business"], evidence["conversation"]
        self.where = f"{self.id} of b{self.business}"
        self.world = records.world["businesses"][self.business]
        self.fresh = evidence["fresh"]
        self.operations = records.by_conversation[self.business, self.id]
        # Those of a life that was erased, and the rest.
        erased = [operation for operation in self.operations if operation.do == "erase" and operation.is_done]
        self.erased_at = max((operation.acknowledged for operation in erased), default=None)
        self.gone = [operation for operation in self.operations if self.erased_at is not None and operation.begun < self.erased_at]
        self.current = {operation.id: operation for operation in self.operations if operation not in self.gone}
        self.snapshots = {}
        self.secrets = {}
        # By version: its transitions, and the messages that it handled.
        self.transitions, self.turns = defaultdict(list), defaultdict(list)

    def finding(self, code, what):
        return finding(code, self.where, what)

    def run(self):
        if self.fresh is None:
            for operation in self.current.values():
                if operation.is_done and operation.do != "erase":
                    yield self.finding("lost", f"{operation.id} was answered, and nothing is known of the conversation")
            return
        for state in self.evidence["states"]:
            if state != self.fresh:
                yield self.finding("servers-differ", f"a server reads {state}, and without caches {self.fresh}")
        for transition in self.evidence["history"]:
            self.transitions[transition["version"]].append(transition)
        yield from check_messages(self)
        yield from self._check_versions()
        yield from self._check_markers()
        yield from self._check_actions()
        yield from self._check_tags()
        yield from self._replay()
        yield from self._check_acknowledged()
        yield from check_reads(self)

    # MARK: - Versions

    @property
    def base(self):
        """The version before the first of this life."""
        return min([*self.transitions, *self.turns], default=self.fresh["version"] + 1) - 1 if self.erased_at is not None else 0

    def _check_versions(self):
        last = self.fresh["version"]
        there = set(self.transitions) | set(self.turns)
        missing = sorted(set(range(self.base + 1, last + 1)) - there)
        if missing:
            yield self.finding("versions-broken", f"nothing is known of the versions {missing[:20]} of {self.base + 1} to {last}")
        beyond = sorted(version for version in there if version > last)
        if beyond:
            yield self.finding("versions-broken", f"its version is {last}, and there are {beyond[:20]}")
        told = max((operation.version or 0 for operation in self.gone), default=0)
        if self.base < told:
            yield self.finding("versions-broken", f"it was erased at version {told} or later and begins anew after {self.base}")
        origin = None
        for version in sorted(self.transitions):
            if [transition["seq"] for transition in self.transitions[version]] != list(range(len(self.transitions[version]))):
                yield self.finding("history-broken", f"the transitions of version {version} are not counted from 0 on")
            for transition in self.transitions[version]:
                if transition["from_stage_id"] != origin:
                    yield self.finding("history-broken", f"at version {version} it leaves a stage that it was not at: {transition}")
                origin = transition["to_stage_id"]
            yield from self._check_makers(version)

    def _check_makers(self, version):
        """A version is made by one turn, or by one step of something else."""
        transitions, turns = self.transitions[version], self.turns.get(version)
        causes = {transition["cause"] for transition in transitions}
        if turns:
            actors = {self.records.actors.get((self.business, transition["actor"])) for transition in transitions}
            senders = {operation.client for operation in turns}
            if causes - {"start", "rule", "model"} or actors - senders:
                yield self.finding("version-shared", f"version {version} is said to be made by {senders}, and by {actors} because of {causes}")
        elif len(transitions) != 1 or causes - {"api", "timer", "repair"}:
            yield self.finding("version-unexplained", f"version {version} is no message's and has the transitions {transitions}")

    # MARK: - Operations of the API

    @staticmethod
    def markers(transition):
        return [name.removeprefix("op-") for name in transition["trace"].get("data", []) if name.startswith("op-")]

    def _check_markers(self):
        """Moves name their operations in the history."""
        found = Counter()
        for version, transitions in self.transitions.items():
            for transition in transitions:
                names = self.markers(transition)
                found.update(names)
                for name in names:
                    operation = self.current.get(name)
                    if operation is None:
                        yield self.finding("mixed-up", f"version {version} was written by {name}, which is not of this conversation's present life")
                        continue
                    actor = self.records.actors.get((self.business, transition["actor"]))
                    if transition["to_stage_id"] != operation.intent["stage"] or actor != operation.client or transition["cause"] != "api":
                        yield self.finding("mixed-up", f"version {version} is not what {name} asked for: {transition}")
        for name, operation in self.current.items():
            if operation.do not in ("move", "patch"):
                continue
            count = found[name]
            if count > 1:
                yield self.finding("doubled", f"{name} was done {count} times")
            if operation.is_done and not count:
                yield self.finding("lost", f"{name} was answered with version {operation.version} and is not in the history")
            if count and operation.is_refused:
                yield self.finding("refused-and-done", f"every answer to {name} says that nothing was changed, and it was done")
            elif count and operation.was_told_no:
                codes = [(answer["attempt"], answer["status"], answer["code"]) for answer in operation.answers]
                yield self.finding("told-no-and-done", f"{name} was lost, then refused ({codes}), and it was done")

    def _check_actions(self):
        """What carries no name is counted by who did it."""
        there, wanted, answered = Counter(), Counter(), Counter()
        versions = defaultdict(set)
        for version, transitions in self.transitions.items():
            for transition in transitions:
                action = transition["trace"].get("action")
                if action in ("clear", "pause", "resume", "rewind"):
                    actor = self.records.actors.get((self.business, transition["actor"]))
                    there[actor, action] += 1
                    versions[action].add(version)
        for operation in self.current.values():
            if operation.do in ("clear", "pause", "resume", "rewind") and not operation.is_refused:
                wanted[operation.client, operation.do] += 1
                if operation.do == "rewind" and operation.is_done:
                    answered[operation.client, operation.do] += 1
                    if operation.version not in versions["rewind"]:
                        yield self.finding("lost", f"{operation.id} was answered with version {operation.version}, which is no rewind")
        for key, count in there.items():
            if count > wanted[key]:
                yield self.finding("doubled", f"{key[0]} asked {wanted[key]} times for {key[1]}, which was done {count} times")
        for key, count in answered.items():
            if there[key] < count:
                yield self.finding("lost", f"{key[0]} was told {count} times that {key[1]} was done, and it was {there[key]} times")

    def _check_tags(self):
        """Whatever stands anywhere in it must be its own."""
        shown = [self.fresh, *self.evidence["messages"], self.evidence["revealed"]]
        shown += [operation.body for operation in self.operations if operation.is_done]
        for op, conversation in set(TAG.findall(json.dumps(shown))):
            if conversation != self.id or op not in self.records.operations or self.records.operations[op].business != self.business:
                yield self.finding("mixed-up", f"it has what {op} wrote to {conversation}")

    # MARK: - Values

    def _replay(self):
        replay = Replay(self.world["stages"])
        for version in sorted(set(self.transitions) | set(self.turns)):
            transitions = self.transitions.get(version, [])
            turns = self.turns.get(version)
            names = [name for transition in transitions for name in self.markers(transition)]
            if turns:
                yield from self._replay_turn(replay, version, transitions, turns)
            elif names:
                operation = self.current.get(names[0])
                replay.move(transitions[0]["to_stage_id"], operation.intent["data"] if operation else {})
            elif transitions:
                problem = replay.action(transitions[0])
                if problem:
                    yield self.finding("version-unexplained", f"version {version}: {problem}: {transitions[0]}")
            self.snapshots[version] = Snapshot(replay)
        self.secrets = replay.secrets

    def _replay_turn(self, replay, version, transitions, turns):
        learned, secrets = {}, {}
        for operation in turns:
            body = self.answer(operation)
            for name, value in ((name, entry["value"]) for name, entry in body.get("extracted", {}).items()):
                learned[name] = value
                told = [other.intent.get(name) for other in turns]
                if name == "email":
                    secrets[name] = next((address for address in reversed(told) if address), None)
                elif value not in told:
                    yield self.finding("mixed-up", f"version {version} learned {name} = {value!r}, which none of its messages says")
        replay.turn(transitions, learned, secrets)

    def answer(self, operation):
        """What a message was answered, then or at the end; None: nobody knows."""
        if operation.is_done:
            return operation.body
        entry = self.repeated.get((self.business, operation.id))
        return entry["body"] if entry else None

    def _check_acknowledged(self):
        """What clients were told of a version is what is there."""
        told = defaultdict(set)
        for operation in self.current.values():
            if not operation.is_done or operation.do == "erase":
                continue
            body = operation.body
            snapshot = self.snapshots.get(body["version"])
            if snapshot is None:
                yield self.finding("lost", f"{operation.id} was answered with version {body['version']}, which is not there")
                continue
            if operation.do in ("move", "patch", "rewind"):
                told[body["version"]].add(operation.id)
            stage = body["current_stage_id"] if "current_stage_id" in body else body["stage_id"]
            if (stage, body["data"]) != (snapshot.stage, snapshot.data):
                told_of = f"{operation.id} was told of version {body['version']} {stage} {body['data']}"
                yield self.finding("value-lost", f"{told_of}, and it is {snapshot.stage} {snapshot.data}")
            elif "visits" in body and body["visits"] != snapshot.visits:
                yield self.finding("value-lost", f"{operation.id} was told of visits {body['visits']}, and there were {snapshot.visits}")
        for version, names in told.items():
            if len(names) > 1 or self.turns.get(version):
                yield self.finding("version-shared", f"version {version} was told to {sorted(names)}")
        last = self.snapshots.get(self.fresh["version"])
        if last is not None:
            now = (self.fresh["current_stage_id"], self.fresh["data"], self.fresh["status"])
            if now != (last.stage, last.data, last.mode):
                yield self.finding("value-lost", f"it is {now}, and after all that was done {(last.stage, last.data, last.mode)}")
            elif self.fresh["visits"] != last.visits:
                yield self.finding("value-lost", f"it counts the visits {self.fresh['visits']}, and there were {last.visits}")
        revealed = self.evidence["revealed"]
        if revealed is not None and revealed.get("email") != self.secrets.get("email"):
            yield self.finding("value-lost", f"its sealed address is {revealed.get('email')}, and should be {self.secrets.get('email')}")
