"""Tells what a run did, measured and found."""

from collections import Counter

from checker.records import Records

# How many findings of one code are told in full.
SHOWN = 3


def tell(name, folder, seed, seconds, lines, findings):
    records = Records.read(folder)
    print(f"\n── {name}, {seconds:.0f} seconds, SEED={seed}")
    _tell_operations(records)
    _tell_rest(records)
    _tell_processes(lines)
    codes = Counter(finding["code"] for finding in findings)
    if not findings:
        print("Nothing was lost, doubled or mixed up, and nothing grew.", flush=True)
        return
    print(f"{len(findings)} findings:")
    for code, count in codes.most_common():
        print(f"  {code}: {count}")
        for finding in [finding for finding in findings if finding["code"] == code][:SHOWN]:
            print(f"    {finding['where']}: {finding['what']}"[:1500])
    print(end="", flush=True)


def _table(head, rows):
    widths = [max(len(str(row[column])) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        cells = [str(cell).rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  " + "  ".join([str(row[0]).ljust(widths[0]), *cells]))


def _tell_operations(records):
    kinds = sorted({operation.do for operation in records.operations.values()})
    rows = []
    for kind in [*kinds, "all"]:
        these = [operation for operation in records.operations.values() if kind in (operation.do, "all")]
        rows.append([
            kind, len(these), sum(operation.is_done for operation in these), sum(operation.is_refused for operation in these),
            sum(not operation.is_done and not operation.is_refused for operation in these),
            sum(len(operation.sent) > 1 for operation in these), sum(len(operation.losses) for operation in these),
        ])
    _table(["operations", "wanted", "done", "refused", "unknown", "sent again", "unanswered"], rows)


def _tell_rest(records):
    others = records.others
    faults = Counter(f"{fault['name']} {fault['target']}".replace(f" {fault['name'].rpartition('-')[2]}", "") for fault in others["fault"])
    reads = f"{len(others['read'])} of states, {len(others['history'])} of histories"
    print(f"  reads: {reads}; {len(others['event'])} events over {len(others['stream'])} streams")
    found = Counter(transition["cause"] for entry in records.said("conversation") for transition in entry["history"])
    found.update(f"message {message['status']}" for entry in records.said("conversation") for message in entry["messages"])
    print(f"  kept: {_counts(found)}")
    refused = Counter(answer["code"] for operation in records.operations.values() for answer in operation.answers if answer["code"])
    refused["replayed"] = sum(answer["replayed"] for operation in records.operations.values() for answer in operation.answers)
    print(f"  refused or answered again: {_counts(refused)}")
    print(f"  faults: {_counts(faults)}")
    states = [entry["fresh"] for entry in records.said("conversation") if entry["fresh"]]
    held = sum(entry["t"] - entry["t0"] for entry in others["held"])
    if held:
        print(f"  the machine was busy with something else for {held:.0f} seconds, when late answers are no findings")
    print(f"  conversations at the end: {len(states)}, with {sum(state['version'] for state in states)} versions")


def _counts(counter):
    return ", ".join(f"{name} ×{count}" for name, count in sorted(counter.items()))


def _tell_processes(lines):
    def mib(row, name):
        return f"{row[name] / 1024:.1f}" if name in row else ""

    def growth(row, name):
        return f"{row[name]:+.1%}" if name in row else ""

    rows = [
        [row["life"], f"{row['from']:.0%}–{row['to']:.0%}", mib(row, "rss"), mib(row, "rss_before"), mib(row, "rss_after"), growth(row, "rss_growth"),
         growth(row, "anon_growth"), row.get("fds_before", ""), row.get("fds_after", ""), row["pool"]]
        for row in lines
    ]
    _table(["processes", "of the run", "most MiB", "at 50 %", "at 90 %", "growth", "RssAnon", "fds, middle", "fds, end", "pool, most"], rows)
