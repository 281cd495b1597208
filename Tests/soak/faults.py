"""What is done to a deployment, and when: chosen before the run by its seed, and written into the journal when it is done."""

import asyncio
import random

from journal import Journal

# What can be done to each deployment, and how often as against the others. What ends processes is given beside it.
ANYTIME = {
    "embedded": {"pause": 2, "cut-clients": 2},
    "production": {
        "pause": 2, "cut-clients": 1, "restart-postgres": 1, "crash-postgres": 1, "pause-postgres": 1, "cut-postgres": 2, "restart-redis": 1,
        "flush-redis": 1, "pause-redis": 1,
    },
}
ENDING = ("kill", "terminate")
# The server whose memory is judged is not ended after this part of the run, so that it is warm when the second half begins.
LAST_END = 0.35
# When clients rest, and what is spared around that, in seconds before and after.
MIDDLE, SPARED = 0.48, (1.5, 1)
# All must be well at the end.
LAST = 0.94
# The least time between two, in seconds, and how many there are at most.
INTERVAL, MOST = 2.5, 60


def plan(deployment, seconds, seed, rest):
    """The moments of a run, as seconds from its start, each with what is done to which server."""
    rng = random.Random(f"{seed} faults")
    count = min(MOST, int(LAST * seconds / INTERVAL))
    moments = [(number + rng.uniform(0.2, 0.8)) / count * LAST for number in range(count)]
    spared = (MIDDLE * seconds - SPARED[0], MIDDLE * seconds + rest + SPARED[1])
    moments = [moment for moment in moments if not spared[0] < moment * seconds < spared[1]]
    anytime = [name for name, weight in ANYTIME[deployment.name].items() for _ in range(weight)]
    rng.shuffle(anytime)
    steps = []
    for number, moment in enumerate(moments):
        others = list(range(1, deployment.count))
        targets = ([0] if moment < LAST_END else []) + others
        # Every third ends a process while one may be ended; what else there is comes in turn, so that nothing is left out.
        if targets and number % 3 == 0:
            steps.append((moment * seconds, ENDING[number // 3 % 2], rng.choice(targets)))
        else:
            steps.append((moment * seconds, anytime[len(steps) % len(anytime)], rng.randrange(deployment.count)))
    return steps


class Faults:
    def __init__(self, run):
        self.run, self.deployment = run, run.deployment
        self.journal = Journal(run.folder / "journal", "faults")
        self.random = random.Random(f"{run.seed} lengths")
        # How long what is paused or gone stays so, in seconds.
        self.longest = min(6, max(1.0, run.seconds / 60))

    async def work(self):
        for moment, name, index in plan(self.deployment, self.run.seconds, self.run.seed, self.run.rest_seconds):
            await asyncio.sleep(max(0, moment - self.run.elapsed()))
            if self.run.is_ending:
                break
            # On a machine that is busy with something else one takes longer than planned, and what would be late is left out.
            if self.run.elapsed() > moment + INTERVAL / 2:
                continue
            begun = self.run.now()
            result = await self.strike(name, self.deployment.servers[index])
            target = f"server-{index}" if name in (*ENDING, "pause") else name.rpartition("-")[2]
            self.journal.write("fault", name=name, target=target, t0=begun, result=result)
        self.journal.close()

    async def strike(self, name, server):
        length = self.random.uniform(0.3, 1) * self.longest
        do = asyncio.to_thread
        match name:
            case "kill":
                await do(server.kill)
                await asyncio.sleep(length / 3)
                await do(server.start)
            case "terminate":
                status = await do(server.terminate)
                await do(server.start)
                return status
            case "pause":
                server.pause()
                await asyncio.sleep(length)
                server.proceed()
            case "cut-clients":
                self.run.cutting = 20
                await asyncio.sleep(length)
                self.run.cutting = 1
            case "restart-postgres" | "crash-postgres":
                await do(self.deployment.postgres, "halt", "fast" if name == "restart-postgres" else "immediate")
                await asyncio.sleep(length / 3)
                await do(self.deployment.postgres, "resume")
            case "pause-postgres":
                await do(self.deployment.postgres, "pause")
                await asyncio.sleep(length)
                await do(self.deployment.postgres, "continue")
            case "cut-postgres":
                for _ in range(3):
                    await do(self.deployment.cut_connections)
                    await asyncio.sleep(length / 4)
            case "restart-redis":
                await do(self.deployment.redis, "halt", "KILL")
                await asyncio.sleep(length / 3)
                await do(self.deployment.redis, "resume")
            case "flush-redis":
                await do(self.deployment.flush_redis)
            case "pause-redis":
                await do(self.deployment.redis, "pause")
                await asyncio.sleep(length)
                await do(self.deployment.redis, "continue")
        return None
