"""What the clients move about in: two businesses with the same flow and the same names of conversations, and a key for every client."""

import json
import urllib.error
import urllib.request

from deployment import PLATFORM_KEY

# The roles of clients, how many of each a business has, and what their keys may do.
CLIENTS = {
    "mover": (4, "runtime"), "talker": (4, "runtime"), "reader": (2, "viewer"), "follower": (3, "viewer"), "eraser": (1, "editor"),
    "editor": (1, "editor"), "collector": (1, "owner"),
}
# Conversations that all movers and talkers of a business share; those that an eraser has for itself.
SHARED, OWN = 24, 3
# How many transitions of a conversation servers keep in memory.
KEPT = 100
# How long a conversation may be idle at `brief`, and be at `lobby`, in seconds.
TTL, TIMEOUT = 2, 1

# Each stage: its type, its configuration, and what it has to say.
STAGES = {
    "greeting": ("conversation", {}, "You said: {{message_content}}"),
    "form": ("form", {"fields": [
        {"name": "order", "type": "string", "pattern": "[A-Z]{2}-\\d{6}", "required": True},
        {"name": "email", "type": "email", "sensitive": True},
    ]}, "Which order? You said: {{message_content}}"),
    "done": ("conversation", {"busy": "merge", "merge_ms": 150}, "Noted: {{message_content}}"),
    "aside": ("conversation", {"persistence": {"scope": "stage"}}, "By the way: {{message_content}}"),
    "brief": ("conversation", {"persistence": {"ttl_seconds": TTL}}, "Soon forgotten: {{message_content}}"),
    "lobby": ("conversation", {}, "Just a moment: {{message_content}}"),
}
RULES = [
    ("greeting", "form", "message.text.contains('order')"), ("form", "done", "has(data.order)"),
    ("done", "greeting", "message.text.contains('again')"), ("aside", "greeting", "message.text.contains('back')"),
]


def content(stage, marker):
    """A stage's template, with the marker of the edit that has written it."""
    return f"[{stage} {marker}] {STAGES[stage][2]}"


def call(url, key, method, path, body=None):
    request = urllib.request.Request(url + path, method=method, headers={"Authorization": f"Bearer {key}", "Accept": "application/json"})
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error


def make(url):
    """Makes both businesses; what clients and checker have to know of them."""
    return {"ttl": TTL, "timeout": TIMEOUT, "businesses": [_make_business(url, number) for number in (0, 1)]}


def _make_business(url, number):
    made = call(url, PLATFORM_KEY, "POST", "/businesses", {"business_name": f"Soak {number}"})
    owner = made["api_key"]
    business = {"id": made["business_id"], "clients": {}, "stages": {}, "templates": {}, "rules": []}
    for role, (count, rights) in CLIENTS.items():
        for index in range(count):
            name = f"b{number}-{role}{index}"
            key = call(url, owner, "POST", "/api-keys", {"name": name, "role": rights})
            business["clients"][name] = {"key": key["api_key"], "actor": f"api_key:{key['prefix']}"}

    def template(purpose, name, text):
        body = {"template_name": name, "template_type": purpose, "content": text}
        return call(url, owner, "POST", "/templates", body)["template_id"]

    common = {f"{purpose}_template_id": template(purpose, purpose, "{{message_content}}") for purpose in ("stage_selection", "data_extraction")}
    business["common"] = common
    for name, (style, configuration, _) in STAGES.items():
        business["templates"][name] = template("response_generation", name, content(name, 0))
        if name == "lobby":
            configuration = {"timeout": {"seconds": TIMEOUT, "to_stage_id": business["stages"]["greeting"]["id"]}}
        persistence = configuration.get("persistence", {})
        body = common | {
            "stage_name": name, "stage_description": "0", "stage_type": style, "is_entry": name == "greeting",
            "response_generation_template_id": business["templates"][name], "configuration": configuration,
        }
        stage = call(url, owner, "POST", "/stages", body)
        business["stages"][name] = {
            "id": stage["stage_id"], "scope": persistence.get("scope", "conversation"), "expires": "ttl_seconds" in persistence,
        }
    for source, target, condition in RULES:
        body = {
            "from_stage_id": business["stages"][source]["id"], "to_stage_id": business["stages"][target]["id"], "condition": condition,
            "selection": "automatic", "priority": 0, "description": "0",
        }
        business["rules"].append(call(url, owner, "POST", "/transition-rules", body)["rule_id"])
    # The oldest event is never erased, so that the log can be followed from here whatever is erased later.
    call(url, owner, "PUT", f"/stages/{business['stages']['greeting']['id']}/state", {"conversation_id": "anchor-0"})
    business["position"] = _end_of_log(url, owner)
    return business


def _end_of_log(url, key):
    request = urllib.request.Request(f"{url}/events", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        for line in response:
            if line.startswith(b"id: "):
                return int(line[4:])
    raise RuntimeError("The stream of events does not say where it begins.")
