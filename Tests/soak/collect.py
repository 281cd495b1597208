"""Asks the servers, at the end of a run, for all that they have to say, and writes it down for the checker."""

import hashlib
import http.client
import json
import random
import urllib.request

PATIENCE = 20
# Of the messages that were answered one in so many is sent again at the end, and at most so many; those whose answer nobody got are, all of them.
ONE_IN, MOST = 3, 1500


class Asking:
    """One client of one server, which asks one thing after another."""

    def __init__(self, server, key):
        self.key, self.url = key, server.url
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)

    def ask(self, path, fresh=False, body=None, method="GET"):
        """The status, the headers and the bytes of an answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        if fresh:
            headers["Cache-Control"] = "no-cache"
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        try:
            self.connection.request(method, path, data, headers)
            response = self.connection.getresponse()
            return response.status, response.headers, response.read()
        except OSError:
            self.connection.close()
            raise

    def get(self, path, fresh=False):
        status, _, content = self.ask(path, fresh)
        if status == 404:
            return None
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {content.decode()}")
        return json.loads(content)

    def all(self, path):
        """All items of a list."""
        items, cursor = [], ""
        while True:
            page = self.get(f"{path}{'&' if '?' in path else '?'}limit=200{cursor}")
            if page is None:
                return []
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = f"&cursor={page['next_cursor']}"


def collect(deployment, folder, seed):
    world = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    operations, answered = _operations(folder)
    rng = random.Random(f"{seed} collect")
    with open(folder / "evidence.jsonl", "w", encoding="utf-8") as file:

        def write(what, **entry):
            file.write(json.dumps({"is": what, **entry}, ensure_ascii=False) + "\n")

        for number, business in enumerate(world["businesses"]):
            key = business["clients"][f"b{number}-collector0"]["key"]
            servers = [Asking(server, key) for server in deployment.servers]
            _collect(number, business, servers, operations, answered, rng, write)


def _operations(folder):
    """The messages that clients had in mind, by their ids, and those that were answered."""
    operations, answered = {}, set()
    for path in sorted((folder / "journal").glob("*.jsonl")):
        with open(path, encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                if entry["is"] == "intent" and entry["do"] == "message":
                    operations[entry["op"]] = entry
                elif entry["is"] == "answer" and entry["status"] in (200, 202):
                    answered.add(entry["op"])
    return operations, answered


def _collect(number, business, servers, operations, answered, rng, write):
    first = servers[0]
    listed = [item["conversation_id"] for item in first.all("/conversations")]
    write("listed", business=number, conversations=listed)
    known = {operation["conversation"] for operation in operations.values() if operation["business"] == number}
    sent_again = []
    for conversation in sorted(set(listed) | known):
        path = f"/conversations/{conversation}"
        fresh = first.get(path, fresh=True)
        messages = first.all(f"{path}/messages")[::-1]
        write(
            "conversation", business=number, conversation=conversation, fresh=fresh, states=[server.get(path) for server in servers],
            history=first.all(f"{path}/history")[::-1], messages=messages,
            revealed=_reveal(first, path) if fresh else None)
        sent_again += [(conversation, message["message_id"]) for message in messages]
    settled = [pair for pair in sent_again if pair[1] in answered]
    settled = set(rng.sample(settled, min(MOST, len(settled) // ONE_IN)))
    for conversation, op in sent_again:
        if op not in operations or op in answered and (conversation, op) not in settled:
            continue
        body = {"message_id": op, "text": operations[op]["text"]}
        try:
            status, headers, content = rng.choice(servers).ask(f"/conversations/{conversation}/messages", body=body, method="POST")
        except TimeoutError:
            # The clients' last messages tell of that.
            continue
        write(
            "repeated", business=number, conversation=conversation, op=op, status=status, replayed=headers.get("Idempotency-Replayed") == "true",
            digest=hashlib.sha256(content).hexdigest()[:20], body=json.loads(content))
    # Nothing was changed by that.
    for conversation in listed:
        state = first.get(f"/conversations/{conversation}", fresh=True)
        write("afterwards", business=number, conversation=conversation, version=state and state["version"])
    stages = {name: stage["id"] for name, stage in business["stages"].items()}
    for name, id in stages.items():
        write("stage", business=number, name=name, stage=id, here=first.get(f"/stages/{id}/state")["conversations_here"])
    definitions = [("stage", f"/stages/{id}", id) for id in stages.values()]
    definitions += [("template", f"/templates/{id}", id) for id in business["templates"].values()]
    definitions += [("rule", f"/transition-rules/{id}", id) for id in business["rules"]]
    for kind, path, id in definitions:
        body = first.get(f"{path}?business_id={business['id']}")
        write("definition", business=number, kind=kind, id=id, body=body, revisions=first.all(f"{path}/revisions")[::-1])
    _collect_log(number, business, servers, write)


def _reveal(server, path):
    status, _, content = server.ask(f"{path}/reveal", method="POST")
    return json.loads(content)["data"] if status == 200 else None


def _collect_log(number, business, servers, write):
    """The whole log from every server, up to a move that is made for it to end with."""
    stage = business["stages"]["greeting"]["id"]
    _, _, content = servers[0].ask(f"/stages/{stage}/state", body={"conversation_id": "anchor-0"}, method="PUT")
    end = json.loads(content)["version"]
    for index, server in enumerate(servers):
        request = urllib.request.Request(
            f"{server.url}/events?last_event_id={business['position']}",
            headers={"Authorization": f"Bearer {server.key}", "Accept": "text/event-stream"})
        items, waiting, kind, position, is_reset = [], [], "", None, False
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            for line in response:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    kind, is_reset = value, is_reset or value == "reset"
                elif name == "id":
                    position = int(value)
                elif name == "data" and kind == "transition":
                    waiting.append(json.loads(value))
                elif not name:
                    if position is not None:
                        items += [{"id": position, "item": item} for item in waiting]
                        waiting = []
                    kind, position = "", None
                    if items and items[-1]["item"]["conversation_id"] == "anchor-0" and items[-1]["item"]["version"] == end:
                        break
        write("log", business=number, server=index, reset=is_reset, items=items)
