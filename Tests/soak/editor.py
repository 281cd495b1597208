"""Changes the flow while conversations go through it: single definitions, a stage that comes and goes with all who are there, and many at once."""

import asyncio
import json

from caller import Operation
from client import Client
from world import content


class Editor(Client):
    # Conversations are written to much more often than definitions.
    pace = 0.3

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.marked = 0
        # The revisions that it knows.
        self.revisions = {}

    def next_marker(self):
        self.marked += 1
        return self.marked

    async def step(self):
        chance = self.random.random()
        if chance < 0.45:
            name = self.random.choice(list(self.business.templates))
            mark = self.next_marker()
            return await self.edit("template", self.business.templates[name], mark, {"content": content(name, mark)})
        if chance < 0.7:
            mark = self.next_marker()
            stage = self.random.choice(list(self.business.stages.values()))
            return await self.edit("stage", stage, mark, {"stage_description": f"[stage {mark}]"})
        if chance < 0.8:
            mark = self.next_marker()
            return await self.edit("rule", self.random.choice(self.business.rules), mark, {"description": f"[rule {mark}]"})
        if chance < 0.9:
            return await self.bring_in()
        return await self.delete() if self.business.passing else await self.create()

    async def edit(self, kind, id, mark, change):
        path = {"template": "templates", "stage": "stages", "rule": "transition-rules"}[kind]
        headers = {"Content-Type": "application/merge-patch+json"}
        if id in self.revisions and self.random.random() < 0.5:
            headers["If-Match"] = f'"r{self.revisions[id]}"'
        answer = await self.perform(Operation(self, "edit", "PATCH", f"/{path}/{id}", change, headers, kind=kind, id=id, marker=mark))
        if answer is None or answer.status != 200:
            # Somebody who reads it again knows what others have made of it; this one just asks less.
            self.revisions.pop(id, None)
        else:
            self.revisions[id] = answer.body["revision"]

    async def create(self):
        mark = self.next_marker()
        body = self.business.common | {
            "stage_name": f"passing {mark}", "stage_description": f"[stage {mark}]", "stage_type": "conversation",
            "response_generation_template_id": self.business.templates["aside"],
        }
        answer = await self.perform(Operation(self, "create", "POST", "/stages", body, must_end=True, kind="stage", id=None, marker=mark))
        if answer is not None and answer.status == 201:
            self.business.passing = answer.body["stage_id"]

    async def delete(self):
        stage, self.business.passing = self.business.passing, None
        target = self.business.stages["greeting"]
        await self.perform(Operation(self, "delete", "DELETE", f"/stages/{stage}?move_to={target}", must_end=True, kind="stage", id=stage, marker=None))

    async def bring_in(self):
        """Changes several templates by one import, all or nothing."""
        mark = self.next_marker()
        names = self.random.sample(sorted(self.business.templates), 3)
        ids = [self.business.templates[name] for name in names]
        op = self.next_operation()
        file = self.run.folder / f"{self.name}.flow.json"
        file.write_text(json.dumps({
            "format": "stagekeeper-flow/1", "business_name": "Soak", "agents": [], "stages": [],
            "templates": [
                {"template_id": id, "template_name": name, "template_type": "response_generation", "content": content(name, mark)}
                for name, id in zip(names, ids, strict=True)
            ],
        }), encoding="utf-8")
        known = {"op": op, "business": self.business.number, "client": self.name, "do": "import", "kind": "template", "ids": ids, "marker": mark}
        self.journal.write("intent", **known)
        self.journal.write("sent", op=op, attempt=1, server=None)
        result = await asyncio.to_thread(self.run.deployment.command, "import", self.business.id, str(file))
        for id in ids:
            self.revisions.pop(id, None)
        if result.returncode == 0:
            self.journal.write("answer", op=op, attempt=1, server=None, status=200, code=None, replayed=False, denied=False, digest="", body={})
        else:
            self.journal.write("lost", op=op, attempt=1, server=None, why=f"exit status {result.returncode}: {result.stdout[-500:]}")
