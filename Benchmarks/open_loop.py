"""Sends requests at a fixed rate, whether or not those before were answered: `open_loop.py LOAD URL TARGETS RATE SECONDS FOLDER` runs h2load over
HTTP/1.1 and prints `RESULT {…}` as load.lua does. LOAD is stage, state, move or turn; see load.lua for TARGETS.

An h2load sends one body to one list of addresses, and each of its connections goes through the list from its beginning. So that many conversations are asked
about, and moved, there are several, each with addresses or a body of its own. Their connections are made one after the other, so that requests
come evenly and not all at a time."""

import json
import random
import subprocess
import sys
import time

CONNECTIONS = 64
# What is sent first warms up.
WARM_UP = 0.1


class Client:
    """One h2load: its part of the load."""

    def __init__(self, folder, number, method, addresses, body=None):
        self.log = f"{folder}/open-{number}.log"
        self.addresses = f"{folder}/open-{number}.addresses"
        with open(self.addresses, "w", encoding="ascii") as file:
            file.writelines(address + "\n" for address in addresses)
        self.options = ["-H", f":method: {method}"]
        if body is not None:
            path = f"{folder}/open-{number}.json"
            with open(path, "w", encoding="ascii") as file:
                json.dump(body, file)
            self.options += ["-d", path, "-H", "content-type: application/json"]

    def start(self, key, rate, seconds, connections):
        # Each connection sends as many requests as the others.
        requests = max(1, round(rate * seconds / connections)) * connections
        with open(self.log, "w", encoding="ascii"):
            pass
        return subprocess.Popen(
            ["h2load", "--h1", "-t", "1", "-c", str(connections), "-r", "1", "--rate-period", "1ms", "-n", str(requests),
             "--rps", f"{rate / connections:.3f}", "-H", f"authorization: Bearer {key}", "-H", "accept: application/json",
             "--log-file", self.log, "-i", self.addresses, *self.options],
            stdout=subprocess.DEVNULL)

    def lines(self):
        with open(self.log, encoding="ascii") as file:
            return [tuple(map(int, line.split()[:3])) for line in file]


def clients(load, url, target, folder, requests):
    """What sends the load, and over how many connections each."""
    business, _, agent, conversations, *stages = target
    names = [f"customer-{number:06}" for number in range(1, int(conversations) + 1)]
    random.seed(20260131)

    def client(number):
        stage = stages[number % len(stages)]
        if load == "stage":
            return Client(folder, number, "GET", [f"{url}/stages/{id}?business_id={business}" for id in stages])
        if load == "state":
            some = random.sample(names, min(1000, len(names)))
            return Client(folder, number, "GET", [f"{url}/stages/{stage}/state?conversation_id={name}" for name in some])
        if load == "move":
            body = {"conversation_id": random.choice(names), "data": {"topic": "refund", "order_id": "LL-10000"}}
            return Client(folder, number, "PUT", [f"{url}/stages/{stage}/state"], body)
        # A message is handled once: each goes to a conversation of its own.
        run = f"open-{int(time.time())}-{number}"
        addresses = [f"{url}/conversations/{run}-{index}/messages" for index in range(requests // count + CONNECTIONS)]
        text = "Where is my order LL-10000? Please write to anna@example.com."
        return Client(folder, number, "POST", addresses, {"message_id": run, "agent_id": agent, "text": text})

    count = {"stage": 4, "state": 4, "move": 32, "turn": 32}[load]
    # The connections of one h2load would send the same message to the same conversation.
    connections = 1 if load == "turn" else CONNECTIONS // count
    return [client(number) for number in range(count)], connections


def main(load, url, targets, rate, seconds, folder):
    rate, seconds = float(rate), float(seconds)
    with open(targets, encoding="ascii") as file:
        target = file.readline().split()
    some, connections = clients(load, url, target, folder, round(rate * seconds))
    running = [client.start(target[1], rate / len(some), seconds, connections) for client in some]
    if any(process.wait() for process in running):
        sys.exit("An h2load has failed.")
    lines = sorted(line for client in some for line in client.lines())
    start, end = lines[0][0], lines[-1][0]
    lines = [line for line in lines if line[0] >= start + (end - start) * WARM_UP]
    times = sorted(line[2] for line in lines)
    print("RESULT " + json.dumps({
        "requests": len(lines), "microseconds": round((end - start) * (1 - WARM_UP)), "p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100],
        "refused": sum(line[1] >= 400 for line in lines), "broken": sum(line[1] < 0 for line in lines), "aimed": round(rate)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
