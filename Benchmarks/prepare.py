"""Fills a server for the benchmarks: a business with a flow of STAGES stages and CONVERSATIONS conversations that are spread over them. Writes
what the load needs to a folder: targets (see load.lua), stage.json and state.json (what the bare server answers)."""

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


def turns(templates, stages, key):
    """An agent whose entry stage has ten fields and twenty rules, none of which holds: what a turn usually comes to. Returns its id."""
    agent = json.loads(call("POST", "/agents", {"agent_name": "Turns", "agent_description": ""}, key))["agent_id"]
    reply = {"template_name": "Reply", "template_type": "response_generation",
             "content": "Thank you{{#user_name}}, {{user_name}}{{/user_name}}. {{#data.order_id}}I have {{data.order_id}}.{{/data.order_id}} What else?"}
    reply = json.loads(call("POST", "/templates", reply, key))["template_id"]
    names = [("order_id", "string"), ("email", "email"), ("phone", "string"), ("amount", "number"), ("day", "date"), ("gift", "boolean"),
             ("city", "string"), ("name", "string"), ("topic", "enum"), ("quantity", "number")]
    fields = [{"name": name, "type": type, "required": False, "description": name} for name, type in names]
    fields[0]["pattern"] = "LL-\\d{5}"
    fields[8]["values"] = ["status", "refund", "exchange"]
    body = {**stage(0, templates), "stage_name": "Turns", "stage_type": "conversation", "agent_id": agent, "is_entry": True,
            "response_generation_template_id": reply, "configuration": {"fields": fields}}
    entry = json.loads(call("POST", "/stages", body, key))["stage_id"]
    conditions = [
        'data.?topic.orValue("") == "refund" && has(data.order_id)', 'message.text.contains("complaint") || data.?amount.orValue(0) > 100',
        'stage.visits > 3 && !has(data.email)', 'data.?topic.orValue("") in ["exchange", "complaint"] && conversation.turns < 20',
    ]
    for number in range(20):
        call("POST", "/transition-rules", {
            "from_stage_id": entry, "to_stage_id": stages[number % len(stages)], "condition": conditions[number % 4], "selection": "automatic",
            "priority": number, "description": ""}, key)
    return agent


def main(folder):
    business = json.loads(call("POST", "/businesses", {"business_name": "Benchmark"}))
    key = business["api_key"]
    templates = {}
    for purpose in PURPOSES:
        body = {"template_name": purpose, "template_type": purpose, "content": "Hello {{user_name}}! " * 20, "system_prompt": "Be brief."}
        templates[f"{purpose}_template_id"] = json.loads(call("POST", "/templates", body, key))["template_id"]
    stages = [json.loads(call("POST", "/stages", stage(number, templates), key))["stage_id"] for number in range(1, STAGES + 1)]

    agent = turns(templates, stages, key)

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
    with open(f"{folder}/targets", "w", encoding="ascii") as file:
        file.write(" ".join([business["business_id"], key, agent, str(CONVERSATIONS), *stages]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
