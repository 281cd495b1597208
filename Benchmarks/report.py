"""Turns the lines that ./run has collected into a table: `report.py LINES FACTS` prints it as Markdown. A line is a JSON object with path, side (ours or
baseline), round, requests, microseconds, p50, p99 (microseconds), refused, broken."""

import json
import sys
from statistics import median

# Of DESIGN.md, section 9: at least so many times the baseline.
PATHS = {
    "stage": ("`GET /stages/{id}`", "bare Hummingbird route, the same bytes", 0.85),
    "state": ("`GET /stages/{id}/state?conversation_id=`", "bare Hummingbird route, the same bytes", 0.85),
    "redis-state": ("the same in production, through Redis", "bare Hummingbird route, the same bytes", 0.55),
    "move": ("`PUT /stages/{id}/state`: a durable move", "`pgbench`, single-row inserts", 1.5),
    "turn": ("`POST /conversations/{id}/messages`: a durable turn, no model, 20 rules, 10 fields", "`pgbench`, single-row inserts", 1.0),
    "production-move": ("the same in production, PostgreSQL and Redis", "`pgbench`, single-row inserts", 0.7),
}
# Those that the server in production has answered.
PRODUCTION = ("redis-state", "production-move")


def rate(line):
    return line["requests"] * 1e6 / line["microseconds"]


def milliseconds(lines, name):
    return f"{median(line[name] for line in lines) / 1000:.2f}"


def main(lines_path, facts_path):
    with open(lines_path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    with open(facts_path, encoding="utf-8") as file:
        facts = file.read().strip()
    for server, is_production in (("embedded", False), ("production", True)):
        requests = sum(line["requests"] for line in lines if line["side"] == "ours" and (line["path"] in PRODUCTION) == is_production)
        facts = facts.replace(f"{{{server}}}", f"{requests:,}")
    print(facts, end="\n\n")
    print("| path | side | a second | p50 ms | p99 ms | ratio | at least |")
    print("|---|---|---:|---:|---:|---:|---:|")
    wrong = []
    for path, (title, baseline, target) in PATHS.items():
        sides = {side: [line for line in lines if (line["path"], line["side"]) == (path, side)] for side in ("ours", "baseline")}
        if not all(sides.values()):
            continue
        by_round = {side: {line["round"]: rate(line) for line in found} for side, found in sides.items()}
        ratio = median(by_round["ours"][number] / by_round["baseline"][number] for number in by_round["ours"])
        mark = "" if ratio >= target else " ✗"
        for side, name in (("ours", title), ("baseline", baseline)):
            found = sides[side]
            cells = [f"**{ratio:.2f}**{mark}", f"{target}"] if side == "ours" else ["", ""]
            print(
                f"| {name} | {'Stagekeeper' if side == 'ours' else 'baseline'} | {median(map(rate, found)):,.0f} | "
                f"{milliseconds(found, 'p50')} | {milliseconds(found, 'p99')} | {cells[0]} | {cells[1]} |")
            wrong += [f"{path}, {side}, round {line['round']}" for line in found if line["refused"] or line["broken"]]
    rounds = max(line["round"] for line in lines)
    print(f"\nRates and times are medians of {rounds} rounds; the ratio is the median of the rounds' ratios, whose sides ran one after the other.")
    print("\n| path | side | " + " | ".join(f"round {number}" for number in range(1, rounds + 1)) + " |")
    print("|---|---|" + "---:|" * rounds)
    for path in PATHS:
        for side in ("ours", "baseline"):
            rates = {line["round"]: rate(line) for line in lines if (line["path"], line["side"]) == (path, side)}
            if rates:
                print(f"| {path} | {side} | " + " | ".join(f"{rates.get(number, 0):,.0f}" for number in range(1, rounds + 1)) + " |")
    if wrong:
        print("\nNot every request succeeded: " + "; ".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
