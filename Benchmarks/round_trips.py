"""Turns what RedisRoundTrips has printed into a table: `round_trips.py FILE` prints it as Markdown."""

import re
import sys

# Of the client's issue: at least so many times redis-benchmark.
AIMS = (("pipelines", 0.5), ("single", 1.0))
MEDIAN = re.compile(r"^median +(?P<name>[^:]+): (?P<rate>\d+)(, (?P<ratio>[\d.]+) ×.*)?$", re.MULTILINE)


def main(path):
    with open(path, encoding="utf-8") as file:
        medians = list(MEDIAN.finditer(file.read()))
    if not medians:
        sys.exit(f"RedisRoundTrips has told no medians in {path}.")
    print("| GETs over one connection of the Redis client | a second | ratio | at least |")
    print("|---|---:|---:|---:|")
    for median in medians:
        name, ratio = median["name"], median["ratio"]
        aim = next((aim for start, aim in AIMS if ratio and name.startswith(start)), None)
        mark = "" if aim is None or float(ratio) >= aim else " ✗"
        cells = f"**{float(ratio):.2f}**{mark} | {aim}" if ratio else " | "
        print(f"| {f'`{name}`' if ratio is None else name} | {int(median['rate']):,} | {cells} |")


if __name__ == "__main__":
    main(sys.argv[1])
