"""Sees from the counts of a run that every operation succeeded at times: one that only ever refused was not tried out. With --verbose it prints all
counts."""

import json
import sys
from collections import defaultdict


def main(document_path, tally_path, *options):
    with open(document_path, encoding="utf-8") as file:
        paths = json.load(file)["paths"]
    counts = defaultdict(lambda: defaultdict(int))
    with open(tally_path, encoding="utf-8") as file:
        for line in file:
            label, status, count = json.loads(line)
            counts[label][status] += count
    never = []
    # A stream has no end, so that nobody waits for its whole answer.
    whole = [
        f"{method.upper()} {path}" for path, item in paths.items() for method, operation in item.items()
        if "text/event-stream" not in operation["responses"].get("200", {}).get("content", {})
    ]
    # Sessions are begun by browsers alone, so that a run with a key has none to end; the server's own tests do.
    for label in sorted(set(whole) - {"DELETE /sessions/{session_id}"}):
        if "--verbose" in options:
            print(label, dict(sorted(counts[label].items())))
        if not any(200 <= status < 300 for status in counts[label]):
            never.append(label)
    for label in never:
        print(f"{label} never succeeded: {dict(counts[label])}")
    print(f"{sum(sum(row.values()) for row in counts.values())} answers, {len(never)} operations that never succeeded")
    return 1 if never else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
