"""Fills a server for the benchmarks: a business with a flow of STAGES stages and CONVERSATIONS conversations that are spread over them. Writes
what the load needs to a folder: env (to be sourced), stage.json and state.json (what the bare server answers)."""

import http.client
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

ADDRESS = os.environ["URL"].removeprefix("http://")
STAGES, CONVERSATIONS = int(os.environ["STAGES"]), int(os.environ["CONVERSATIONS"])
PURPOSES = ("stage_selection", "data_extraction", "response_generation")
connections = local()


def call(method, path, body=None, key=os.environ["STAGEKEEPER_PLATFORM_KEY"]):
    """Calls the API on the thread's own connection and returns the bytes of its answer."""
    if not hasattr(connections, "connection"):
        connections.connection = http.client.HTTPConnection(ADDRESS, timeout=60)
    connection = connections.connection
    headers = {"Authorization": f"Bearer {key}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status >= 300:
        sys.exit(f"{method} {path}: {response.status} {answer.decode()}")
    return answer


def stage(number, templates):
    """A stage with what a real one has."""
    return {
        "stage_name": f"Stage {number:02}", "stage_type": "form", "agent_id": None, "is_entry": number == 1, **templates,
        "stage_description": "Asks for the order and what is to be done about it, until both are known.",
        "configuration": {
            "fallback_reply": "Could you tell me your order number, please?",
            "fields": [
                {"name": "order_id", "type": "string", "required": True, "pattern": "LL-\\d{5}", "description": "The number of the order."},
                {"name": "topic", "type": "enum", "required": True, "values": ["status", "refund", "exchange"], "description": "What it is about."},
                {"name": "email", "type": "email", "required": False, "description": "Where to write to."},
            ],
            "persistence": {"scope": "conversation", "history_limit": 100},
        },
    }


def main(folder):
    business = json.loads(call("POST", "/businesses", {"business_name": "Benchmark"}))
    key = business["api_key"]
    templates = {}
    for purpose in PURPOSES:
        body = {"template_name": purpose, "template_type": purpose, "content": "Hello {{user_name}}! " * 20, "system_prompt": "Be brief."}
        templates[f"{purpose}_template_id"] = json.loads(call("POST", "/templates", body, key))["template_id"]
    stages = [json.loads(call("POST", "/stages", stage(number, templates), key))["stage_id"] for number in range(1, STAGES + 1)]

    def start(number):
        body = {"conversation_id": f"customer-{number:06}", "data": {"topic": "status", "order_id": f"LL-{number % 90000 + 10000}"}}
        path = f"/stages/{stages[number % STAGES]}/state"
        call("PUT", path, body, key)
        # Redis keeps a state from its first read on.
        call("GET", f"{path}?conversation_id={body['conversation_id']}", key=key)

    with ThreadPoolExecutor(32) as pool:
        for _ in pool.map(start, range(1, CONVERSATIONS + 1)):
            pass
    for name, path in (
        ("stage", f"/stages/{stages[0]}?business_id={business['business_id']}"), ("state", f"/stages/{stages[0]}/state?conversation_id=customer-000001"),
    ):
        with open(f"{folder}/{name}.json", "wb") as file:
            file.write(call("GET", path, key=key))
    with open(f"{folder}/env", "w", encoding="ascii") as file:
        file.write(f"BUSINESS={business['business_id']}\nKEY={key}\nSTAGES='{' '.join(stages)}'\n")


if __name__ == "__main__":
    main(sys.argv[1])
