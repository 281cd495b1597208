"""What is held against each other: the journals, read as operations, and the evidence, which is what the servers said at the end."""

import json
from collections import defaultdict
from pathlib import Path

from journal import entries

DONE = (200, 201, 202, 204)


def finding(code, where, what):
    return {"code": code, "where": where, "what": what}


class Operation:
    """Something that a client wanted done once, and all that it was told about it."""

    def __init__(self, intent):
        self.intent = intent
        self.id, self.business, self.client, self.do = (intent[name] for name in ("op", "business", "client", "do"))
        self.conversation = intent.get("conversation")
        self.sent, self.answers, self.losses = [], [], []

    @property
    def done(self):
        """The answers that say that it is done, the first first."""
        return [answer for answer in self.answers if answer["status"] in DONE]

    @property
    def is_done(self):
        return bool(self.done)

    @property
    def is_refused(self):
        """Whether every answer says that nothing was done, and none was lost."""
        answered = len(self.answers) >= len(self.sent) and not self.losses
        return not self.is_done and answered and all(answer["denied"] for answer in self.answers)

    @property
    def was_told_no(self):
        """Whether the answer to the last attempt was that it is not done, though others may have been lost before."""
        last = max((entry["attempt"] for entry in self.sent), default=0)
        return not self.is_done and any(answer["attempt"] == last and answer["status"] < 500 and answer["denied"] for answer in self.answers)

    @property
    def body(self):
        return self.done[0]["body"] if self.is_done else None

    @property
    def version(self):
        return self.body.get("version") if self.is_done else None

    @property
    def begun(self):
        return self.sent[0]["t"] if self.sent else self.intent["t"]

    @property
    def acknowledged(self):
        return self.done[0]["t"] if self.is_done else None


class Records:
    def __init__(self, world, journal, evidence):
        self.world, self.evidence = world, evidence
        self.operations, self.others = {}, defaultdict(list)
        for entry in journal:
            kind, op = entry["is"], entry.get("op")
            if kind == "intent":
                self.operations[op] = Operation(entry)
            elif op in self.operations and kind in ("sent", "answer", "lost"):
                operation = self.operations[op]
                {"sent": operation.sent, "answer": operation.answers, "lost": operation.losses}[kind].append(entry)
            else:
                self.others[kind].append(entry)
        for operation in self.operations.values():
            # Lines of one operation that is sent from several sides at once.
            operation.sent.sort(key=lambda entry: entry["t"])
        self.by_conversation = defaultdict(list)
        for operation in self.operations.values():
            if operation.conversation:
                self.by_conversation[operation.business, operation.conversation].append(operation)
        self.actors = {
            (number, client["actor"]): name for number, business in enumerate(world["businesses"]) for name, client in business["clients"].items()
        }

    @classmethod
    def read(cls, folder):
        folder = Path(folder)
        world = json.loads((folder / "world.json").read_text(encoding="utf-8"))
        with open(folder / "evidence.jsonl", encoding="utf-8") as file:
            evidence = [json.loads(line) for line in file]
        return cls(world, entries(folder / "journal"), evidence)

    def said(self, what):
        return [entry for entry in self.evidence if entry["is"] == what]

    @property
    def is_shared(self):
        """Whether several servers share what they have, so that a reader may see what is a little older."""
        return max((len(entry["states"]) for entry in self.said("conversation")), default=1) > 1
