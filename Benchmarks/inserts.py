"""Runs pgbench with the arguments given, in a folder of its own, and prints `RESULT {…}` as load.lua does."""

import json
import os
import re
import subprocess
import sys
import tempfile


def main(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        pgbench = subprocess.run(["pgbench", "-l", *arguments], cwd=folder, capture_output=True, text=True, check=False)
        if pgbench.returncode:
            sys.exit(pgbench.stdout + pgbench.stderr)
        times = []
        for name in os.listdir(folder):
            with open(f"{folder}/{name}", encoding="ascii") as file:
                times += [int(line.split()[2]) for line in file]
    times.sort()
    found = {name: re.search(pattern, pgbench.stdout) for name, pattern in (("rate", r"tps = ([\d.]+)"), ("refused", r"failed transactions: (\d+)"))}
    if not times or not all(found.values()):
        sys.exit(f"pgbench has told no rate; it may have been too short:\n{pgbench.stdout}")
    rate, refused = float(found["rate"][1]), int(found["refused"][1])
    result = {
        "requests": len(times), "microseconds": round(len(times) * 1e6 / rate), "p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100],
        "refused": refused, "broken": 0}
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
