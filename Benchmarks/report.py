"""Turns what ./run has collected in a folder into RESULTS.md: `report.py FOLDER PICTURE` prints it. PICTURE is the name of the file that chart.py makes."""

import json
import sys
from pathlib import Path

from measurements import JOBS, NAMES, PEERS, ROWS, Measurements

DEPLOYMENTS = {"embedded": "embedded", "production": "PostgreSQL and Redis"}
INCLUDED = {"decisions": "In the process", "redis": "The Redis client", "pages": "Pages"}


class Aims:
    """Collects what was aimed at, and marks what was reached."""

    def __init__(self):
        self.rows = []

    def mark(self, title, measured, aim, is_met):
        self.rows.append([title, measured, aim, "yes" if is_met else "**no**"])
        return f"**{measured}** {'✓' if is_met else '✗'}"

    def take(self, path):
        """Takes over a table of another program: title, measured, aim, with a mark where it was missed."""
        for line in path.read_text().splitlines() if path.exists() else []:
            cells = [cell.strip() for cell in line.strip("| ").split("|")]
            if len(cells) == 3 and cells[2] and cells[1][:1].isdigit():
                self.mark(cells[0], cells[1].removesuffix(" ✗"), f"at most {cells[2]}", not cells[1].endswith("✗"))

    def __str__(self):
        met = sum(row[-1] == "yes" for row in self.rows)
        return f"{met} of {len(self.rows)} aims are met.\n\n" + "\n".join(table(["row", "measured>", "aim>", "met"], self.rows))


def table(columns, rows):
    """Lines of a table in Markdown; a column whose name ends in `>` is aligned to the right."""
    yield "| " + " | ".join(column.rstrip(">") for column in columns) + " |"
    yield "|" + "|".join("---:" if column.endswith(">") else "---" for column in columns) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def times(series):
    return [f"{series.milliseconds('p50'):.2f}", f"{series.milliseconds('p99'):.2f}"]


def costs(series):
    return [f"{sum(series.processor.values()):,.0f}", f"{series.memory:,.0f}"]


def baselines(found, aims):
    yield "## Beside the baselines\n"
    columns = ["path", "side", "a second>", "ratio>", "at least>", "p50 ms>", "p99 ms>", "CPU µs a request>", "peak MB>"]
    rows = []
    for path, ours, baseline in found.rows():
        title, against, aim = ROWS[path]
        ratio = ours.ratio(baseline)
        rows.append([title, "Stagekeeper", f"{ours.rate:,.0f}", aims.mark(f"{NAMES[path]}, times {against.split(',')[0]}", f"{ratio:.2f}", f"at least {aim}", ratio >= aim), f"{aim}", *times(ours), *costs(ours)])
        rows.append([against, "baseline", f"{baseline.rate:,.0f}", "", "", *times(baseline), *costs(baseline)])
    yield from table(columns, rows)
    yield "\nRates and times are medians of the rounds; the ratio is the median of the rounds' ratios, whose sides ran one after the other. Processor time is that of"
    yield "all processes of a side, without the one that sends the load; memory is the answering server's (of `pgbench`, PostgreSQL's)."
    several = [(path, ours.processor) for path, ours, _ in found.rows() if len(ours.processor) > 1]
    if several:
        yield "By process, in µs a request:\n"
        names = ("server", "PostgreSQL", "Redis")
        yield from table(["path", *(f"{name}>" for name in names)], [[ROWS[path][0], *(f"{used[name]:,.0f}" for name in names)] for path, used in several])


def peers(found):
    yield "## Beside two Python services\n"
    columns = ["job", "done by", "a second>", "Stagekeeper takes>", "p50 ms>", "p99 ms>", "CPU µs a request>", "peak MB>"]
    rows = []
    for job, paths in JOBS.items():
        mine = {path: found.series(kind="rate", path=path, side="ours") for path in paths}
        for path, series in mine.items():
            if series:
                kind = DEPLOYMENTS["embedded" if path == job else "production"]
                rows.append([ROWS[job][0], f"Stagekeeper, {kind}", f"{series.rate:,.0f}", "", *times(series), *costs(series)])
        best = mine[paths[-1]] or mine[paths[0]]
        for side, name in PEERS.items():
            series = found.series(kind="rate", path=job, side=side)
            ratio = f"× {best.ratio(series):.1f}" if best else ""
            rows.append([ROWS[job][0], name, f"{series.rate:,.0f}", ratio, *times(series), *costs(series)])
    yield from table(columns, rows)
    yield "\nTwo workers each, PostgreSQL and Redis beside them, the same requests. Stagekeeper takes so many times their rate with the same two databases (a stage is read"
    yield "alike in both deployments). The services' moves are in a Redis that keeps nothing on the disk, without data, checks or a log; Stagekeeper's are committed"
    yield "to the disk before they are answered. Memory is that of the workers together."


def latency(found, aims):
    yield "## Latency at half of the highest rate\n"
    rows = []
    for (path,) in found.distinct("path", kind="latency"):
        series = found.series(kind="latency", path=path)
        ratio = series.milliseconds("p99") / series.milliseconds("p50")
        rows.append([ROWS[path][0], f"{series.lines[0]['aimed']:,}", f"{series.rate:,.0f}", *times(series),
                     aims.mark(f"{NAMES[path]}: p99 ÷ p50 at half of the highest rate", f"{ratio:.1f}", "under 5", ratio < 5), "5"])
    yield from table(["path", "asked a second>", "answered a second>", "p50 ms>", "p99 ms>", "p99 ÷ p50>", "under>"], rows)
    yield "\nOpen loop: `h2load --h1 --rps`; requests come at half of the row's rate above, whether or not those before were answered."


def overload(found, aims):
    yield "## More than it can do\n"
    rows = []
    for (path,) in found.distinct("path", kind="overload"):
        before, during, after = (found.series(kind="overload", path=path, side=side) for side in ("before", "overload", "after"))
        asked, kept, recovered = during.rate / before.rate, during.answered.ratio(before), after.answered.ratio(before)
        rows.append([ROWS[path][0], f"{before.rate:,.0f}", f"× {asked:.1f}", f"{during.answered.rate:,.0f}",
                     aims.mark(f"{NAMES[path]}: answered when × {asked:.1f} is asked, times the highest rate", f"{kept:.2f}", "at least 0.9", kept >= 0.9), "0.9",
                     f"{100 * sum(line['broken'] for line in during.lines) / sum(line['requests'] for line in during.lines):.1f} %", *times(during), f"{recovered:.2f}"])
    yield from table(["path", "highest, a second>", "asked>", "answered, a second>", "answered ÷ highest>", "at least>", "over 2 s>", "p50 ms>", "p99 ms>", "after ÷ before>"], rows)
    yield "\nMany more connections than requests that the server takes at a time (1,024): the others get 503 at once, ask again, and wait a second for the next answer."
    yield "Times are of all answers. The highest rate, of 64 connections, is measured just before and just after, while what is left of the crowd is still worked off."


def growth(found, aims):
    yield "## Growth\n"
    rows = []
    for what, deployment, path, sizes, (small, large) in found.growth():
        ratio = large.ratio(small)
        title = f"{NAMES[path].split(',')[0]}: rate with {sizes[1]:,} {what}, times that with {sizes[0]:,}, {DEPLOYMENTS[deployment]}"
        rows.append([f"{what}: {sizes[0]:,} → {sizes[1]:,}", DEPLOYMENTS[deployment], path, f"{small.rate:,.0f}", f"{large.rate:,.0f}",
                     aims.mark(title, f"{ratio:.2f}", "at least 0.85", ratio >= 0.85), "0.85", *(costs(series)[0] for series in (small, large)),
                     *(costs(series)[1] for series in (small, large))])
    columns = ["grown", "deployment", "path", "small, a second>", "large, a second>", "large ÷ small>", "at least>", "CPU µs small>", "large>",
               "peak MB small>", "large>"]
    yield from table(columns, rows)
    yield "\nBoth stores serve at the same time and are asked in turn. Of the large number of conversations 10,000 are asked about, which lie anywhere among the others; of many"
    yield "businesses all are, each with its own key, stages, rules and its part of 10,000 conversations, beside one business with all of them.\n"
    rows = []
    for (deployment,) in found.distinct("deployment", kind="cold"):
        cold, hot = (found.series(kind="cold", deployment=deployment, side=side) for side in ("cold", "hot"))
        ratio = hot.ratio(cold)
        wrapped = any(line["requests"] > line["slice"] for line in cold.lines)
        note = " (some were read twice)" if wrapped else ""
        rows.append([DEPLOYMENTS[deployment] + note, f"{hot.rate:,.0f}", f"{cold.rate:,.0f}",
                     aims.mark(f"a cold read, times a hot one, {DEPLOYMENTS[deployment]}", f"{ratio:.2f}", "at most 3", ratio <= 3), "3", costs(hot)[0], costs(cold)[0]])
    columns = ["reads of states after a start", "hot, a second>", "cold, a second>", "hot ÷ cold>", "at most>", "CPU µs hot>", "cold>"]
    yield from table(columns, rows)


def memory(folder, found, aims):
    yield "## Memory\n"
    rows = []
    for name, title in DEPLOYMENTS.items():
        path = folder / f"{name}.idle"
        if path.exists():
            idle = int(path.read_text())
            rows.append([f"idle, {title}", aims.mark(f"memory when idle, {title}", f"{idle} MB", "under 60 MB", idle < 60), "60 MB"])
    halves = found.series(kind="cached").lines
    if halves:
        data = len(json.dumps(json.loads((folder / "embedded" / "state.json").read_text())["data"], separators=(",", ":")))
        before, after = map(int, (folder / "own").read_text().split())
        size = (after - before) / min(halves[1]["requests"], halves[1]["slice"]) - data
        rows.append([f"a cached conversation, beyond its {data} bytes of data", aims.mark("memory of a cached conversation", f"{size:,.0f} bytes", "under 1,024 bytes", size < 1024), "1,024 bytes"])
    yield from table(["", "measured>", "under>"], rows)
    if halves:
        yield "\nThe last is what the server's own memory grows by for each conversation that it reads for the first time, once pages of the database have"
        yield "filled their caches."


def included(folder, name, title):
    path = folder / f"{name}.md"
    if path.exists():
        yield f"## {title}\n"
        yield path.read_text().strip()


def rounds(found):
    yield "## Rounds\n"
    count = max((line.get("round", 0) for line in found.lines), default=0)
    rows = []
    for path, side in found.distinct("path", "side", kind="rate"):
        rows.append([path, side, *(f"{rate:,.0f}" for rate in found.series(kind="rate", path=path, side=side).rates.values())])
    for what, deployment, path, size in found.distinct("what", "deployment", "path", "count", kind="growth"):
        rates = found.series(kind="growth", what=what, deployment=deployment, path=path, count=size).rates
        rows.append([f"{path}, {deployment}", f"{size:,} {what}", *(f"{rate:,.0f}" for rate in rates.values())])
    for deployment, side in found.distinct("deployment", "side", kind="cold"):
        rates = found.series(kind="cold", deployment=deployment, side=side).rates
        rows.append([f"reads, {deployment}", side, *(f"{rate:,.0f}" for rate in rates.values())])
    yield from table(["path", "side", *(f"round {number}>" for number in range(1, count + 1))], rows)


def main(name, picture):
    folder, found, aims = Path(name), Measurements(name), Aims()
    kinds = {line["kind"] for line in found.lines}
    sections = []
    if "rate" in kinds:
        sections.append(baselines(found, aims))
        if any(line.get("side") in PEERS for line in found.lines):
            sections.append(peers(found))
    if "latency" in kinds:
        sections.append(latency(found, aims))
    if "overload" in kinds:
        sections.append(overload(found, aims))
    if "growth" in kinds:
        sections.append(growth(found, aims))
    sections.append(memory(folder, found, aims))
    sections += [included(folder, name, title) for name, title in INCLUDED.items()]
    sections.append(rounds(found))
    text = "\n\n".join(filter(None, ("\n".join(section) for section in sections)))
    aims.take(folder / "decisions.md")
    # What is refused in an overload stands in its table, as does what waits for too long.
    wrong = [line for line in found.lines if line.get("side") not in ("overload", "after") and (line["refused"] or line["broken"])]
    print("# Measured\n")
    print((folder / "facts.md").read_text().strip())
    print(f"\n{aims}")
    if wrong:
        print("\nNot every request succeeded:\n")
        print("\n".join("    " + json.dumps(line) for line in wrong))
    print(f"\n![Ratios to the baselines, rates beside two Python services, and what growth costs]({picture})\n")
    print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
