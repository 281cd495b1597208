"""Requests of clients, each written down before it is sent and when it is answered."""

import asyncio
import json

import aiohttp

from journal import digest

# How long an answer may take, in seconds.
PATIENCE = 30
# How long one operation may be tried before it is a finding that it is not answered for good.
ENDURANCE = 60
# What the journal keeps of an answer's body.
KEPT = (
    "message_id", "status", "reply", "replied_to", "stage_id", "current_stage_id", "stages", "data", "version", "visits", "conversation_id", "revision",
    "extracted", "expires_at",
)


class Answer:
    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content
        try:
            self.body = json.loads(content) if content else {}
        except ValueError:
            self.body = {}
        self.code = self.body.get("code") if status >= 400 else None
        self.replayed = headers.get("Idempotency-Replayed") == "true"
        # Whether it promises that nothing was done. What is in progress, or was taken up by another server, may be.
        promises = "nothing was changed" in self.body.get("detail", "") if self.body else False
        self.denied = promises or 400 <= status < 500 and self.code not in ("idempotency_key_in_progress", "state_conflict")


class Gate:
    """Lets clients work, or has them all rest."""

    def __init__(self):
        self.opened = asyncio.Event()
        self.opened.set()
        self.busy = 0

    async def __aenter__(self):
        await self.opened.wait()
        self.busy += 1

    async def __aexit__(self, *_):
        self.busy -= 1

    async def close(self):
        self.opened.clear()
        while self.busy:
            await asyncio.sleep(0.05)

    def open(self):
        self.opened.set()


class Connections:
    """The clients' connections to the servers."""

    def __init__(self):
        self.session = None

    async def renew(self):
        await self.close()
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)

    async def close(self):
        if self.session:
            await self.session.close()

    async def ask(self, method, url, key, body=None, headers=None, within=None):
        """Sends a request once. Whoever gives it less time than the server needs cuts the connection in the middle of it."""
        sent = {"Authorization": f"Bearer {key}", "Accept": "application/json"} | (headers or {})
        data = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False).encode()
        async with asyncio.timeout(within):
            async with self.session.request(method, url, data=data, headers=sent) as response:
                return Answer(response.status, response.headers, await response.read())


class Operation:
    """Something that is to be done once, however often it has to be sent."""

    # How likely a client cuts its own connection, and gives up when it has got no answer.
    CUTS, GIVES_UP = 0.015, 0.15

    def __init__(self, client, do, method, path, body=None, headers=None, must_end=False, **intent):
        self.client, self.method, self.path, self.body = client, method, path, body
        self.id = client.next_operation()
        self.headers = headers or {}
        self.must_end = must_end
        self.attempts = 0
        if do != "message":
            self.headers = self.headers | {"Idempotency-Key": self.id}
        else:
            self.body = self.body | {"message_id": self.id}
        self.intent = {"op": self.id, "business": client.business.number, "client": client.name, "do": do, **intent}

    def announce(self):
        self.client.journal.write("intent", **self.intent)

    async def attempt(self, server):
        """Sends it once; None: no answer."""
        client = self.client
        self.attempts += 1
        known = {"op": self.id, "attempt": self.attempts, "server": server}
        within = client.random.uniform(0.001, 0.05) if client.random.random() < self.CUTS * client.run.cutting else None
        client.journal.write("sent", **known)
        try:
            answer = await client.run.connections.ask(
                self.method, client.run.urls[server] + self.path, client.key, self.body, self.headers, within)
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            why = "cut" if within is not None and isinstance(error, TimeoutError) else f"{type(error).__name__} {error}".strip()
            client.journal.write("lost", **known, why=why)
            return None
        client.journal.write(
            "answer", **known, status=answer.status, code=answer.code, replayed=answer.replayed, denied=answer.denied,
            digest=digest(answer.content), body={name: answer.body[name] for name in KEPT if name in answer.body},
            **({"problem": answer.body} if answer.status >= 400 else {}))
        return answer

    async def carry_out(self, server=None):
        """Sends it until it is answered for good, or is given up; None: it was given up."""
        client = self.client
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            answer = await self.attempt(client.some_server() if server is None else server)
            server = None
            if answer is not None and not self.may_yet_be_done(answer):
                return answer
            if not self.must_end and client.random.random() < self.GIVES_UP:
                client.journal.write("end", op=self.id)
                return None
            if loop.time() - begun > ENDURANCE:
                client.journal.write("finding", code="not-answered", what=f"{self.id} was tried for {ENDURANCE} s", op=self.id)
                return None
            await asyncio.sleep(client.random.uniform(0.02, 0.3))

    def may_yet_be_done(self, answer):
        if answer.status in (503, 429) or answer.code in ("idempotency_key_in_progress", "conversation_busy"):
            return True
        return answer.code == "state_conflict"
