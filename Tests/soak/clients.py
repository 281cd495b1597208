"""The clients: what each role does, again and again."""

import asyncio

from caller import Operation
from client import Business, Client
from editor import Editor
from follower import Follower
from world import KEPT, OWN, SHARED


class Mover(Client):
    async def step(self):
        conversation = self.some_conversation()
        path = f"/conversations/{conversation}"
        chance = self.random.random()
        if chance < 0.03 and self.answered:
            # Sent again, long after it was answered.
            return await self.random.choice(self.answered).attempt(self.some_server())
        if chance < 0.10:
            return await self.perform_at_once(self.move(conversation), 2)
        if chance < 0.80:
            return await self.perform(self.move(conversation))
        if chance < 0.90:
            stage = self.random.choice(list(self.business.stages.values()))
            return await self.perform(self.move(conversation, "patch", stage))
        if chance < 0.93:
            stage = self.business.stages["greeting"]
            clear = Operation(self, "clear", "DELETE", f"{self.state_path(stage)}?conversation_id={conversation}", conversation=conversation)
            return await self.perform(clear)
        if chance < 0.96:
            await self.perform(Operation(self, "pause", "POST", f"{path}/pause", conversation=conversation))
            await asyncio.sleep(self.random.uniform(0, 0.2))
            return await self.perform(Operation(self, "resume", "POST", f"{path}/resume", conversation=conversation, must_end=True))
        version = self.random.randint(1, max(1, self.business.versions.get(conversation, 1)))
        rewind = Operation(self, "rewind", "POST", f"{path}/rewind", {"version": version}, conversation=conversation, to_version=version)
        return await self.perform(rewind)


class Talker(Client):
    async def step(self):
        chance = self.random.random()
        if chance < 0.06 and self.answered:
            return await self.random.choice(self.answered).attempt(self.some_server())
        message = self.message(self.some_conversation())
        if chance > 0.2:
            return await self.perform(message)
        return await self.perform_at_once(message, self.random.choice((2, 2, 3)))


class Reader(Client):
    pace = 2

    async def step(self):
        conversation = self.some_conversation()
        if self.random.random() < 0.75:
            return await self.read(conversation, fresh=self.random.random() < 0.3)
        server, begun = self.some_server(), self.run.now()
        answer = await self.look(server, f"/conversations/{conversation}/history?limit={self.random.choice((5, 20, 100))}")
        if answer is not None and answer.status == 200:
            items = [[item["version"], item["seq"], item["transition_id"]] for item in answer.body["items"]]
            self.journal.write("history", business=self.business.number, conversation=conversation, server=server, t0=begun, items=items)
        return None


class Eraser(Client):
    """Has conversations for itself: writes to them, erases them, and begins anew."""

    async def step(self):
        conversation = f"own-{self.random.randrange(OWN)}"
        chance = self.random.random()
        if chance < 0.5:
            return await self.perform(self.move(conversation))
        if chance < 0.85:
            return await self.perform(self.message(conversation))
        erase = Operation(self, "erase", "DELETE", f"/conversations/{conversation}", conversation=conversation, must_end=True)
        await self.perform(erase)
        self.answered = [operation for operation in self.answered if operation.intent.get("conversation") != conversation]
        return await self.read(conversation, fresh=True)


class Warden(Client):
    """Looks after the conversations before the others come, and when they have gone."""

    async def fill(self):
        """Gives every conversation as long a history as servers keep in memory, so that what they keep does not grow all through the run."""

        async def lengthen(conversation):
            for _ in range(KEPT):
                await self.perform(self.move(conversation, "patch", self.business.stages["greeting"]))

        await asyncio.gather(*(lengthen(f"shared-{index}") for index in range(SHARED)))

    async def probe(self):
        """Says something in every conversation: none may be held up by what went wrong before."""
        await asyncio.gather(*(self.say(f"shared-{index}") for index in range(SHARED)))
        self.journal.close()

    async def say(self, conversation):
        message = self.message(conversation)
        message.announce()
        answer = await message.attempt(self.some_server())
        if answer is None or answer.status not in (200, 202):
            told = answer and f"{answer.status} {answer.code}"
            self.journal.write("finding", op=message.id, code="stuck", what=f"when all was well again, {conversation} took no message: {told}")


def everybody(run, world):
    """All clients of a run, and those who come before and after them."""
    clients, wardens = [], []
    for number, known in enumerate(world["businesses"]):
        business = Business(number, known)
        wardens.append(Warden(run, business, "collector", 0))
        clients += [Mover(run, business, "mover", index) for index in range(4)]
        clients += [Talker(run, business, "talker", index) for index in range(4)]
        clients += [Reader(run, business, "reader", index) for index in range(2)]
        clients += [Eraser(run, business, "eraser", 0), Editor(run, business, "editor", 0)]
        clients += [Follower(run, business, index) for index in range(3)]
    return clients, wardens
