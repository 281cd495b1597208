"""The journal: what clients are about to do, and what they are told. The format is all that clients and checker share.

A folder of files with a JSON object a line. `t` is the moment in seconds of one monotonic clock; `is` says what the line is:

  intent    `op` is about to be done: `business` (0 or 1), `client`, `conversation`, `do`, and what else that needs. Written before anything is sent.
  sent      `op` goes out to `server` as its `attempt`.
  answer    ... and was answered: `status`, `code` of a problem, `replayed`, `denied` (it says that nothing was changed), `digest` of the bytes, `body`.
  lost      ... and was not: `why`.
  end       the client gives `op` up and never learns what became of it.
  read      `conversation` was read at `server` from `t0` to `t`, `fresh` or not: `status`, `version`, `stage`, `data`.
  history   ... and its newest transitions: `items` as [version, seq, transition_id].
  stream    a stream of events (`client`) begins its `connection` after position `after`, at `server`.
  event     ... and gets the transition `item` of position `id`; those of one commit have one position.
  held      from `t0` to `t` the machine was so busy with something else that the clients themselves were held up.
  fault     `name` was done to `target` from `t0` to `t`.
  finding   a client saw what none should see: `code`, `what`.

`do` is one of move, patch (a move for the sake of the data), clear, pause, resume, rewind, erase: with `stage`, `data` and `if_version` where they have
them; message: with `text`, and `email` and `order` where it tells one; and of definitions edit, create, delete, import: with `kind`, `id` (import: `ids`)
and `marker`, which the saved body contains.

`op` names an operation for good: it is the Idempotency-Key or the message_id, and an API move writes it into the conversation's history by deleting the
member `op-…` of the data, which is never there.
"""

import hashlib
import json
import re
import time
from pathlib import Path

# How values tell whose they are: the operation, and the conversation.
TAG = re.compile(r"(b\d+-[a-z]+\d+-\d+)/([a-z]+-\d+)")


def tag(op, conversation):
    return f"{op}/{conversation}"


def marker(op):
    """The member of the data that an operation names in the history, and that is never there."""
    return f"op-{op}"


def digest(content):
    return hashlib.sha256(content).hexdigest()[:20]


class Journal:
    """A file of it."""

    def __init__(self, folder, name):
        # What is written is in the operating system's hands at once: this process may be killed, not the machine.
        self.file = open(Path(folder) / f"{name}.jsonl", "a", encoding="utf-8", buffering=1)

    def write(self, what, /, **entry):
        self.file.write(json.dumps({"t": round(time.monotonic(), 4), "is": what, **entry}, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self):
        self.file.close()


def entries(folder):
    """All entries of a folder's files, in the order of their moments."""
    found = []
    for path in sorted(Path(folder).glob("*.jsonl")):
        with open(path, encoding="utf-8") as file:
            found += [json.loads(line) for line in file]
    return sorted(found, key=lambda entry: entry["t"])
