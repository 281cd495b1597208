"""Runs the soak: a deployment, its clients, its faults, and at the end the checker."""

import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import checker
import clients
import report
import world as flow
from caller import Connections, Gate
from collect import collect
from deployment import DEPLOYMENTS, binary
from faults import MIDDLE, Faults
from journal import Journal
from sampling import Sampling

# Seconds of each deployment in the short form.
SHORT = {"embedded": 11, "production": 18}
# A run that is so long, in seconds, begins with caches that are full.
FILLED = 240
# How long a deployment may take to be well after the last fault.
RECOVERY = 30


class Run:
    """One deployment's part of a soak: what all that takes part in it knows."""

    def __init__(self, deployment, folder, seed, seconds, rate):
        self.deployment, self.folder, self.seed, self.seconds = deployment, folder, seed, seconds
        self.gate, self.connections = Gate(), Connections()
        self.is_ending = False
        # How much likelier than usual clients cut their own connections.
        self.cutting = 1
        # The mean pause of a client between two requests, were they answered at once.
        self.pause = 24 / rate
        self.begun = None
        # How long clients rest in the middle and at the end while descriptors are counted: a server closes its side within a second.
        self.rest_seconds = 1.5 if seconds < 60 else 3
        (folder / "journal").mkdir()

    @property
    def urls(self):
        return [server.url for server in self.deployment.servers]

    @staticmethod
    def now():
        return time.monotonic()

    def elapsed(self):
        return self.now() - self.begun

    async def carry_out(self):
        world = await asyncio.to_thread(flow.make, self.urls[0])
        (self.folder / "world.json").write_text(json.dumps(world), encoding="utf-8")
        await self.connections.renew()
        everybody, wardens = clients.everybody(self, world)
        if self.seconds >= FILLED:
            await asyncio.gather(*(warden.fill() for warden in wardens))
        sampling, faults = Sampling(self), Faults(self)
        self.begun = self.now()
        working = [asyncio.create_task(client.work()) for client in everybody]
        beside = [asyncio.create_task(faults.work()), asyncio.create_task(sampling.work())]
        everything = asyncio.gather(*working, *beside)
        try:
            await self.until(MIDDLE, everything)
            await self.rest(sampling)
            await self.until(1, everything)
            await self.rest(sampling)
            self.is_ending = True
            await everything
        finally:
            everything.cancel()
            await asyncio.gather(everything, return_exceptions=True)
        self.cutting = 0
        await asyncio.to_thread(self.recover)
        await asyncio.gather(*(warden.probe() for warden in wardens))
        await self.connections.close()
        # What time does is done by then.
        await asyncio.sleep(max(flow.TTL, flow.TIMEOUT) + 2)
        return sampling

    async def until(self, part, everything):
        """Waits for a moment of the run, or for whatever goes wrong before."""
        await asyncio.wait((everything,), timeout=max(0, part * self.seconds - self.elapsed()))
        if everything.done():
            everything.result()
            raise RuntimeError("All clients ended before their time.")

    async def rest(self, sampling):
        await self.gate.close()
        await self.connections.renew()
        await asyncio.sleep(self.rest_seconds)
        sampling.rest()
        self.gate.open()

    def recover(self):
        end = self.now() + RECOVERY
        journal = Journal(self.folder / "journal", "recovery")
        for server in self.deployment.servers:
            while not server.is_ready():
                if self.now() > end:
                    journal.write("finding", code="not-well", what=f"server {server.index} is not ready {RECOVERY} s after the last fault")
                    break
                time.sleep(0.2)
        journal.close()


def soak(name, folder, seed, seconds, rate):
    """Runs one deployment and tells what was found."""
    folder.mkdir()
    with DEPLOYMENTS[name](folder) as deployment:
        run = Run(deployment, folder, seed, seconds, rate)
        sampling = asyncio.run(run.carry_out())
        collect(deployment, folder, seed)
        lines, findings = sampling.judge()
        findings += after(deployment)
    findings += checker.check(folder)
    report.tell(name, folder, seed, seconds, lines, findings)
    return findings


def after(deployment):
    """What the processes and their logs say themselves."""
    findings = []
    if deployment.name == "production":
        result = deployment.command("doctor")
        if result.returncode:
            findings.append({"code": "doctor", "where": "Redis", "what": result.stdout[-2000:]})
    for server in deployment.servers:
        where = f"server {server.index}"
        if server.process.poll() is not None:
            findings.append({"code": "ended", "where": where, "what": f"it has ended by itself with {server.process.returncode}"})
        elif status := server.terminate():
            findings.append({"code": "exit-status", "where": where, "what": f"it ended with {status} when it was asked to end"})
        log = (deployment.folder / f"server-{server.index}.log").read_text(encoding="utf-8", errors="replace")
        wrong = [line for line in log.splitlines() if "internal_error" in line or "Fatal error" in line or "Crash" in line]
        if wrong:
            findings.append({"code": "log", "where": where, "what": f"{len(wrong)} lines, the first: {wrong[0][:1000]}"})
    return findings


def main(arguments):
    short = arguments == ["short"]
    if arguments and not short:
        raise SystemExit("usage: Tests/soak/run [short]; MINUTES, SEED, DEPLOYMENT, RATE and STAGEKEEPER_BIN by the environment")
    chosen = os.environ.get("DEPLOYMENT", "both")
    names = list(DEPLOYMENTS) if chosen == "both" else [chosen]
    if not set(names) <= set(DEPLOYMENTS):
        raise SystemExit(f"DEPLOYMENT must be one of {', '.join(DEPLOYMENTS)} and both, not {chosen}.")
    seed = os.environ.get("SEED") or ("1" if short else str(random.SystemRandom().randrange(10**6)))
    seconds = float(os.environ.get("MINUTES") or 30) * 60 / len(names)
    rate = float(os.environ.get("RATE") or 100)
    folder = Path(tempfile.mkdtemp(prefix="stagekeeper-soak-"))
    folder.chmod(0o711)
    print(f"Soak of {binary()} with SEED={seed}", flush=True)
    # Servers are started again until the end, and by then another may have been built.
    copy = folder / "stagekeeper"
    shutil.copy2(binary(), copy)
    os.environ["STAGEKEEPER_BIN"] = str(copy)
    findings = []
    try:
        for name in names:
            findings += soak(name, folder / name, seed, SHORT[name] if short else seconds, rate)
    except BaseException:
        print(f"The soak broke off; its journals and logs are in {folder}", flush=True)
        raise
    finally:
        copy.unlink()
    if findings:
        print(f"{len(findings)} findings; journals, logs and what the servers said are in {folder}", flush=True)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
