"""Times pages of a business with 500 stages, one request after another as a browser asks for them: prints a table. URL is the server,
SERVER_PID its process."""

import http.client
import json
import os
import sys
import time
from urllib.parse import urlencode

os.environ.update(STAGES="500", CONVERSATIONS="1000")
import prepare  # noqa: E402  (reads what is set above)

WARM_UPS, REQUESTS = 20, 300
# Of the pages' issue: at most so many milliseconds at the median.
PAGES = (("StageList: 100 of 500 stages", "/stages", 10), ("StageView", "/stages/{stage}", 3), ("StageState", "/stages/{stage}/state", None))


def ask(connection, path, cookie):
    """Asks for a page; returns its bytes as sent and the seconds that it took."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html", "Accept-Encoding": "gzip"})
    response = connection.getresponse()
    body = response.read()
    took = time.perf_counter() - start
    if response.status != 200:
        sys.exit(f"GET {path}: {response.status}")
    return len(body), took


def cpu():
    """The seconds of processor time that the server has used."""
    with open(f"/proc/{os.environ['SERVER_PID']}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(folder):
    prepare.main(folder)
    with open(f"{folder}/targets", encoding="ascii") as file:
        _, key, _, _, *stages = file.readline().split()
    for origin, target in zip(stages, stages[1:]):
        rule = {"from_stage_id": origin, "to_stage_id": target, "condition": "has(data.topic)", "description": "Goes on."}
        prepare.call("POST", "/transition-rules", rule, key)
    connection = http.client.HTTPConnection(prepare.ADDRESS, timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    connection.request("POST", "/login", urlencode({"api_key": key}), form)
    response = connection.getresponse()
    response.read()
    cookie = (response.getheader("Set-Cookie") or "").split(";")[0]
    print("| page, compressed | KB | p50 ms | p95 ms | processor ms | at most (p50) |")
    print("|---|---:|---:|---:|---:|---:|")
    for title, path, most in PAGES:
        path = path.format(stage=stages[250])
        for _ in range(WARM_UPS):
            ask(connection, path, cookie)
        before = cpu()
        answers = [ask(connection, path, cookie) for _ in range(REQUESTS)]
        used = (cpu() - before) * 1000 / REQUESTS
        times = sorted(took * 1000 for _, took in answers)
        median = times[len(times) // 2]
        mark = "" if most is None or median <= most else " ✗"
        print(f"| {title} | {answers[0][0] / 1024:.1f} | {median:.2f}{mark} | {times[len(times) * 95 // 100]:.2f} | {used:.2f} | {most or ''} |")
    print(f"\nEach of {REQUESTS} requests waits for the one before; the times are the client's, connection included; processor time is the server's, by request.")


if __name__ == "__main__":
    main(sys.argv[1])
