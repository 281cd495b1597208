"""Puts every conversation of a service at a stage, so that reads find it: `fill.py URL TARGETS` (see load.lua for TARGETS)."""

import http.client
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

connections = local()


def main(url, targets):
    with open(targets, encoding="ascii") as file:
        _, key, _, conversations, *stages = file.readline().split()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def start(number):
        if not hasattr(connections, "connection"):
            connections.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        connection = connections.connection
        path = f"/stages/{stages[number % len(stages)]}/state"
        connection.request("PUT", path, json.dumps({"conversation_id": f"customer-{number:06}", "data": {"topic": "status"}}), headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise SystemExit(f"PUT {path}: {response.status} {answer.decode()}")

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(start, range(1, int(conversations) + 1)):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
