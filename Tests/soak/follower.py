"""Follows the events of a business, is cut off now and then, and goes on by Last-Event-ID where it was."""

import asyncio
import json
import random

import aiohttp

from journal import Journal

# A stream has a sign of life every 15 seconds.
SILENCE = 40


class Follower:
    # What each follower of a business wants: everything, what happens at one stage, one conversation.
    FILTERS = (lambda business: {}, lambda business: {"stage_id": business.stages["form"]}, lambda business: {"conversation_id": "shared-0"})

    def __init__(self, run, business, index):
        self.run, self.business = run, business
        self.name = f"b{business.number}-follower{index}"
        self.key = business.clients[self.name]["key"]
        self.random = random.Random(f"{run.seed} {self.name}")
        self.journal = Journal(run.folder / "journal", self.name)
        self.filter = self.FILTERS[index](business)
        self.last = business.position
        self.connection = 0

    async def work(self):
        while not self.run.is_ending:
            async with self.run.gate:
                await self.follow()
            await asyncio.sleep(self.random.uniform(0.05, 0.5))
        self.journal.close()

    async def follow(self):
        server = self.random.randrange(len(self.run.urls))
        self.connection += 1
        known = {"client": self.name, "business": self.business.number, "server": server}
        self.journal.write("stream", **known, connection=self.connection, after=self.last, filter=self.filter)
        begun = self.run.now()
        try:
            await self.listen(server, self.random.uniform(2, 12 + self.run.seconds / 10))
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError) as error:
            self.journal.write("lost", op=None, server=server, t0=begun, why=f"{type(error).__name__} {error}".strip())

    async def listen(self, server, seconds):
        """Takes events until it has had enough, the server has, or clients are to rest."""
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "text/event-stream", "Last-Event-ID": str(self.last)}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=SILENCE)
        url = f"{self.run.urls[server]}/events"
        async with self.run.connections.session.get(url, params=self.filter, headers=headers, timeout=timeout) as response:
            if response.status != 200:
                self.journal.write("answer", op=None, server=server, status=response.status, code=(await response.json()).get("code"), problem={})
                return
            reading = asyncio.create_task(self.read(response.content))
            leaving = asyncio.create_task(self.leave(seconds))
            await asyncio.wait((reading, leaving), return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            if reading.done():
                reading.result()
            reading.cancel()
            await asyncio.gather(reading, leaving, return_exceptions=True)

    async def leave(self, seconds):
        end = self.run.now() + seconds
        while self.run.now() < end and not self.run.is_ending and self.run.gate.opened.is_set():
            await asyncio.sleep(0.1)

    async def read(self, stream):
        """Events count when they are whole; those of one commit when its last has come, which alone has the id."""
        kind, data, position, waiting = "", "", None, []
        async for line in stream:
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = value
            elif name == "id":
                position = int(value)
            elif not name:
                if kind == "reset":
                    self.journal.write("finding", code="reset", what=f"{self.name} was told that events after {self.last} are not kept")
                if data and kind == "transition":
                    waiting.append(json.loads(data))
                if position is not None:
                    for item in waiting:
                        self.journal.write("event", client=self.name, connection=self.connection, id=position, item=item)
                    self.last, waiting = position, []
                kind, data, position = "", "", None
