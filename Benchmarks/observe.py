"""Runs a load and tells what the servers spent on it: `observe.py LABELS NAME=PID… -- COMMAND…`.

The command prints a line `RESULT {…}`. Its members are printed together with those of LABELS, a JSON object, and with `cpu`, the seconds of processor time,
and `memory`, the most MB, of each named process with its children."""

import json
import os
import subprocess
import sys
from threading import Event, Thread

TICK = os.sysconf("SC_CLK_TCK")
# Walking through a server of a hundred processes takes some milliseconds.
INTERVAL = 0.5


def read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        # It has ended.
        return ""


def tree(pid):
    """A process and all that come of it."""
    return [pid] + [process for child in read(f"/proc/{pid}/task/{pid}/children").split() for process in tree(child)]


def cpu(pid):
    """The seconds that a process and its children have used, those that have ended included."""
    stats = (read(f"/proc/{process}/stat").rpartition(")")[2].split() for process in tree(pid))
    return sum(sum(map(int, fields[11:15])) for fields in stats if fields) / TICK


def memory(pid):
    """The memory of a process in KB: what it had at most since it was watched. Of several what they have now; what they share counts once."""
    processes = tree(pid)
    statuses = [dict(line.split(":", 1) for line in read(f"/proc/{process}/status").splitlines()) for process in processes]
    values = [{name: int(text.split()[0]) for name, text in status.items() if text.endswith("kB")} for status in statuses]
    if len(processes) == 1:
        return values[0].get("VmHWM", 0)
    shared = sum(max(value.get(name, 0) for value in values) for name in ("RssFile", "RssShmem"))
    return shared + sum(value.get("RssAnon", 0) for value in values)


def watch(pids, most, ended):
    for pid in pids.values():
        try:
            with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
                # The most that the process has had is counted from now on.
                file.write("5")
        except OSError:
            print(f"The peak memory of process {pid} can't be reset: it counts from its start.", file=sys.stderr)
    while True:
        is_last = ended.wait(INTERVAL)
        for name, pid in pids.items():
            most[name] = max(most.get(name, 0), memory(pid))
        if is_last:
            return


def main(labels, *words):
    end = words.index("--")
    pids = dict(word.split("=", 1) for word in words[:end])
    most, ended = {}, Event()
    watcher = Thread(target=watch, args=(pids, most, ended))
    before = {name: cpu(pid) for name, pid in pids.items()}
    watcher.start()
    try:
        command = subprocess.run(words[end + 1:], stdout=subprocess.PIPE, text=True, check=False)
    finally:
        ended.set()
        watcher.join()
    used = {name: round(cpu(pid) - before[name], 2) for name, pid in pids.items()}
    found = [line.removeprefix("RESULT ") for line in command.stdout.splitlines() if line.startswith("RESULT ")]
    if command.returncode or len(found) != 1:
        sys.exit(f"{' '.join(words[end + 1:])} has no result:\n{command.stdout}")
    peaks = {name: round(kilobytes / 1024, 1) for name, kilobytes in most.items()}
    print(json.dumps({**json.loads(labels), **json.loads(found[0]), "cpu": used, "memory": peaks}))


if __name__ == "__main__":
    main(*sys.argv[1:])
