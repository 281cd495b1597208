"""What all clients have in common: their pace, their random numbers, their journal, and the requests that several of them send."""

import asyncio
import random

import aiohttp

from caller import Operation
from journal import Journal, marker, tag
from world import SHARED


class Business:
    """What the clients of one business know together."""

    def __init__(self, number, world):
        self.number = number
        self.id, self.clients, self.templates, self.rules, self.common = (
            world[name] for name in ("id", "clients", "templates", "rules", "common"))
        self.stages = {name: stage["id"] for name, stage in world["stages"].items()}
        self.position = world["position"]
        self.versions = {}
        # A stage that its editor has made and will delete.
        self.passing = None


class Client:
    """Does one thing after another, at its own pace, by its own random numbers."""

    # How much more often than others, to the pace.
    pace = 1

    def __init__(self, run, business, role, index):
        self.run, self.business, self.index = run, business, index
        self.name = f"b{business.number}-{role}{index}"
        self.key = business.clients[self.name]["key"]
        self.random = random.Random(f"{run.seed} {self.name}")
        self.journal = Journal(run.folder / "journal", self.name)
        self.count = 0
        # What was answered and may be sent again.
        self.answered = []

    def next_operation(self):
        self.count += 1
        return f"{self.name}-{self.count}"

    def some_server(self):
        return self.random.randrange(len(self.run.urls))

    def some_conversation(self):
        # Some are much busier than others.
        index = int(SHARED * self.random.random() ** 2)
        return f"shared-{index}"

    async def work(self):
        while not self.run.is_ending:
            await asyncio.sleep(self.random.expovariate(self.pace / self.run.pause))
            async with self.run.gate:
                if not self.run.is_ending:
                    await self.step()
        self.journal.close()

    async def perform(self, operation, server=None):
        operation.announce()
        answer = await operation.carry_out(server)
        if answer is not None and answer.status in (200, 201, 202, 204):
            version = answer.body.get("version")
            if version:
                key = operation.intent.get("conversation")
                self.business.versions[key] = max(version, self.business.versions.get(key, 0))
            self.answered = self.answered[-50:] + [operation]
        return answer

    async def perform_at_once(self, operation, count):
        """Sends the same from several sides at once."""
        operation.announce()
        answers = await asyncio.gather(*(operation.carry_out(index % len(self.run.urls)) for index in range(count)))
        if all(answer is not None and answer.status in (200, 202) for answer in answers):
            self.answered = self.answered[-50:] + [operation]

    # MARK: - What several roles do

    def state_path(self, stage):
        return f"/stages/{stage}/state"

    def move(self, conversation, do="move", stage=None, **options):
        """A move that writes data which tell whose they are."""
        stages = list(self.business.stages.values()) + ([self.business.passing] if self.business.passing else [])
        stage = stage or self.random.choice(stages)
        version = None
        headers = {}
        if do == "move" and self.random.random() < 0.2:
            version = self.business.versions.get(conversation)
            if version:
                headers["If-Match"] = f'"c{version}"'
        operation = Operation(
            self, do, "PUT", self.state_path(stage), {}, headers, stage=stage, conversation=conversation, if_version=version, **options)
        mine = tag(operation.id, conversation)
        data = {self.name: mine, marker(operation.id): None}
        chance = self.random.random()
        if chance < 0.1:
            data[self.name] = None
        elif chance < 0.4:
            data["nested"] = {self.name: {"last": mine}, "gone": None}
        operation.body |= {"conversation_id": conversation, "data": data}
        operation.intent["data"] = data
        return operation

    def message(self, conversation, **options):
        operation = Operation(self, "message", "POST", f"/conversations/{conversation}/messages", {}, conversation=conversation, **options)
        text = tag(operation.id, conversation) + " "
        kind = self.random.random()
        if kind < 0.3:
            text += "I want to order."
        elif kind < 0.6:
            order = f"{'AB'[self.business.number]}{'TUVWXYZ'[self.index % 7]}-{self.count:06d}"
            email = f"n{self.count}.{self.name}.{conversation}@example.org"
            operation.intent |= {"order": order, "email": email}
            text += f"It is {order}, and I am {email}."
        elif kind < 0.75:
            text += "once again"
        elif kind < 0.85:
            text += "back please"
        else:
            text += "hello"
        operation.body["text"] = operation.intent["text"] = text
        return operation

    async def read(self, conversation, fresh):
        server = self.some_server()
        begun = self.run.now()
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        answer = await self.look(server, f"/conversations/{conversation}", headers)
        if answer is None:
            return None
        body = answer.body
        self.journal.write(
            "read", business=self.business.number, client=self.name, conversation=conversation, server=server, fresh=fresh, t0=begun,
            status=answer.status, version=body.get("version", 0), stage=body.get("current_stage_id"), data=body.get("data", {}),
            mode=body.get("status"))
        return answer

    async def look(self, server, path, headers=None):
        """Reads something; None: it could not be read."""
        begun = self.run.now()
        try:
            answer = await self.run.connections.ask("GET", self.run.urls[server] + path, self.key, headers=headers)
        except (OSError, asyncio.TimeoutError, aiohttp.ClientError) as error:
            self.journal.write("lost", op=None, server=server, t0=begun, why=f"{type(error).__name__} {error}".strip())
            return None
        if answer.status not in (200, 404):
            self.journal.write("answer", op=None, server=server, status=answer.status, code=answer.code, problem=answer.body)
            return None
        return answer
