"""Writes lists of ids for the run beside its configuration: of what the demo has, and of things made to be deleted. Prints the id of the
key that the run uses."""

import json
import os
import sys
import urllib.request

URL, KEY, BUSINESS, PLATFORM = (os.environ[name] for name in ("URL", "KEY", "BUSINESS", "STAGEKEEPER_PLATFORM_KEY"))
EXPENDABLE = 12
# What a condition may be; random texts are none.
CONDITIONS = [
    "true", "false", "has(data.order_id)", "data.?topic.orValue('') == 'return'", "message.text.contains('bye')", "stage.visits > 1",
    "conversation.turns == 0 && now > conversation.created_at", "agent.name != '' || size(data) > 2", "data.missing == 1",
]


def call(method, path, body=None, key=KEY):
    """Calls the API and returns the JSON of its answer."""
    request = urllib.request.Request(URL + path, method=method, headers={"Authorization": f"Bearer {key}"})
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def main(folder):
    def write(name, ids):
        with open(f"{folder}/{name}.txt", "w", encoding="ascii") as file:
            file.writelines(json.dumps(text) + "\n" for text in ids)

    def known(collection, field, name=None):
        ids = [item[field] for item in call("GET", f"/{collection}?limit=200&business_id={BUSINESS}")["items"]]
        write(name or collection, ids)
        return ids

    stages = known("stages", "stage_id")
    known("templates", "template_id")
    for purpose in ("stage_selection", "data_extraction", "response_generation"):
        write(purpose, [item["template_id"] for item in call("GET", f"/templates?type={purpose}")["items"]])
    known("agents", "agent_id")
    known("transition-rules", "rule_id", "rules")
    write("conditions", CONDITIONS)
    known("conversations", "conversation_id")
    own = [key["key_id"] for key in call("GET", "/api-keys")["items"]]
    model = call("GET", f"/stages/{stages[0]}?business_id={BUSINESS}")
    template = call("GET", f"/templates/{model['response_generation_template_id']}")

    def make(name, create):
        write(f"expendable_{name}", [create(number) for number in range(EXPENDABLE)])

    make("templates", lambda n: call("POST", "/templates", {
        "template_name": f"Expendable {n}", "template_type": template["template_type"], "content": "Hello!", "system_prompt": ""})["template_id"])
    make("agents", lambda n: call("POST", "/agents", {"agent_name": f"Expendable {n}", "agent_description": ""})["agent_id"])
    make("stages", lambda n: call("POST", "/stages", {
        **{name: model[name] for name in model if name.endswith("_template_id")}, "stage_name": f"Expendable {n}", "stage_type": "conversation",
        "stage_description": "", "agent_id": None, "is_entry": False, "configuration": {}})["stage_id"])
    make("conversations", lambda n: call("PUT", f"/stages/{stages[n % len(stages)]}/state", {
        "conversation_id": f"expendable-{n}", "agent_id": call("GET", f"/stages/{stages[n % len(stages)]}?business_id={BUSINESS}")["agent_id"],
    })["conversation_id"])
    make("rules", lambda n: call("POST", "/transition-rules", {
        "from_stage_id": stages[n % len(stages)], "to_stage_id": stages[(n + 1) % len(stages)], "condition": "false",
        "description": f"Expendable {n}"})["rule_id"])
    make("keys", lambda n: call("POST", "/api-keys", {"name": f"Expendable {n}", "role": "viewer"})["key_id"])
    businesses = [call("POST", "/businesses", {"business_name": f"Business {n}"}, PLATFORM)["business_id"] for n in range(EXPENDABLE + 3)]
    write("businesses", [BUSINESS] + businesses[EXPENDABLE:])
    write("expendable_businesses", businesses[:EXPENDABLE])
    print(*own)


if __name__ == "__main__":
    main(sys.argv[1])
