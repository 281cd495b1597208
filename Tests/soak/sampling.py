"""Memory and file descriptors of the servers, each second, by process life; and what is judged of them (README.md)."""

import asyncio
import os
import re
from statistics import median

from journal import Journal

# When this process itself takes so long for a second's work, the machine is busy with something else.
HELD = 1.75
# How much memory may grow in the second half of a run, by its length in seconds: a short one is still filling its caches.
GROWTH = ((600, 0.05), (240, 0.10), (0, 0.35))
# The parts of a run that are compared.
BEFORE, AFTER = (0.5, 0.6), (0.9, 1.0)
# How many more descriptors there may be at rest at the end than in the middle, besides those of the pool: each connection of it has its socket and
# the pipe by which its thread is woken.
DESCRIPTORS, EACH = 2, 3
# One pool, its listener, and one that is just being closed. While many are cut there may be as many again, until they are noticed.
POOL = 10


def memory(pid):
    """VmRSS and RssAnon, in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        found = dict(re.findall(r"^(VmRSS|RssAnon):\s+(\d+)", file.read(), re.MULTILINE))
    return int(found["VmRSS"]), int(found["RssAnon"])


def descriptors(pid, pool_port):
    """How many are open, and how many of them lead to the database."""
    inodes = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            inodes.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:
            pass
    pool = 0
    if pool_port:
        sockets = {inode[8:-1] for inode in inodes if inode.startswith("socket:[")}
        with open(f"/proc/{pid}/net/tcp", encoding="ascii") as file:
            for line in file.readlines()[1:]:
                columns = line.split()
                pool += columns[9] in sockets and int(columns[2].rpartition(":")[2], 16) == pool_port
    return len(inodes), pool


class Sampling:
    def __init__(self, run):
        self.run = run
        self.journal = Journal(run.folder, "samples")
        # By server and life: the samples, and the numbers of descriptors at rest.
        self.samples, self.rests = {}, {}
        # Lives that had begun when the second half did.
        self.middle = set()

    async def work(self):
        held = Journal(self.run.folder / "journal", "held")
        while not self.run.is_ending:
            begun = self.run.now()
            for server in self.run.deployment.servers:
                self.sample(server, self.samples)
            await asyncio.sleep(1)
            if self.run.now() - begun > HELD:
                held.write("held", t0=begun)
        held.close()

    def rest(self):
        """Takes the numbers while no client is connected."""
        for server in self.run.deployment.servers:
            self.sample(server, self.rests)

    def sample(self, server, into):
        if server.is_down:
            return
        life = (server.index, server.life)
        try:
            resident, anonymous = memory(server.process.pid)
            count, pool = descriptors(server.process.pid, self.run.deployment.pool_port)
        except (OSError, KeyError):
            return
        moment = self.run.elapsed() / self.run.seconds
        into.setdefault(life, []).append((moment, resident, anonymous, count, pool))
        self.journal.write("rest" if into is self.rests else "sample", server=life[0], life=life[1], rss=resident, anon=anonymous, fds=count, pool=pool)

    # MARK: - What is judged

    def judge(self):
        """A row for each life that was long enough to be looked at, and findings."""
        rows, findings = [], []
        limit = next(limit for least, limit in GROWTH if self.run.seconds >= least)
        judged = 0
        for life in sorted(self.samples):
            samples = self.samples[life]
            row = {"life": f"server {life[0]}, life {life[1]}", "from": samples[0][0], "to": samples[-1][0]}
            row["rss"] = max(resident for _, resident, *_ in samples)
            first, last = self.part(samples, BEFORE), self.part(samples, AFTER)
            if first and last and samples[0][0] < BEFORE[0]:
                judged += 1
                for column, name in ((1, "rss"), (2, "anon")):
                    before, after = (median(sample[column] for sample in part) for part in (first, last))
                    row[f"{name}_before"], row[f"{name}_after"], row[f"{name}_growth"] = before, after, after / before - 1
                if row["rss_growth"] > limit:
                    findings.append({
                        "code": "memory-grows", "where": row["life"],
                        "what": f"its memory grew by {row['rss_growth']:.1%} in the second half, from {row['rss_before']:.0f} to "
                        f"{row['rss_after']:.0f} KiB; {limit:.0%} is allowed",
                    })
            rests = self.rests.get(life, [])
            if len(rests) > 1:
                before, after = ([sample[3] - EACH * sample[4] for sample in rests][index] for index in (0, -1))
                row["fds_before"], row["fds_after"] = before, after
                if after > before + DESCRIPTORS:
                    findings.append({
                        "code": "descriptors-grow", "where": row["life"],
                        "what": f"at rest it had {before} descriptors in the middle and {after} at the end"})
            row["pool"] = max(sample[4] for sample in samples)
            pool = max((sample[4] for sample in rests), default=0)
            if pool > POOL:
                findings.append({"code": "pool-grows", "where": row["life"], "what": f"at rest it had {pool} connections to its database"})
            rows.append(row)
        if not judged:
            findings.append({"code": "not-judged", "where": "memory", "what": "no process lived through the second half"})
        return rows, findings

    @staticmethod
    def part(samples, part):
        return [sample for sample in samples if part[0] <= sample[0] < part[1]]
