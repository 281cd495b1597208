"""Calls of the REST API: what tests need to be there, and what happens behind a page's back."""

import json
import urllib.error
import urllib.request
from urllib.parse import quote

from server import PLATFORM_KEY

PURPOSES = ("stage_selection", "data_extraction", "response_generation")


def call(url, key, method, path, body=None):
    """The JSON of an answer; None when it has none."""
    request = urllib.request.Request(url + path, method=method, headers={"Authorization": f"Bearer {key}", "Accept": "application/json"})
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            text = response.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error


class Business:
    """A business, called with its owner's key."""

    def __init__(self, url, business_id, key):
        self.url, self.id, self.key = url, business_id, key

    @classmethod
    def create(cls, server, name="Corner Shop"):
        made = call(server.url, PLATFORM_KEY, "POST", "/businesses", {"business_name": name})
        return cls(server.url, made["business_id"], made["api_key"])

    def call(self, method, path, body=None):
        return call(self.url, self.key, method, path, body)

    def add_template(self, purpose, name, content="Hello.", system_prompt=""):
        body = {"template_name": name, "template_type": purpose, "content": content, "system_prompt": system_prompt}
        return self.call("POST", "/templates", body)["template_id"]

    def add_agent(self, name, description=""):
        return self.call("POST", "/agents", {"agent_name": name, "agent_description": description})["agent_id"]

    def add_stage(self, name, templates, **members):
        """A stage that uses templates, which are named by their types; its id."""
        body = {
            "stage_name": name, "stage_type": "conversation", "stage_description": f"What happens at {name}.", "agent_id": None,
            "is_entry": False, "configuration": {}, **{f"{purpose}_template_id": templates[purpose] for purpose in PURPOSES}, **members,
        }
        return self.call("POST", "/stages", body)["stage_id"]

    def add_rule(self, source, target, condition="true", **members):
        body = {"from_stage_id": source, "to_stage_id": target, "condition": condition, **members}
        return self.call("POST", "/transition-rules", body)["rule_id"]

    def change_stage(self, stage_id, **members):
        return self.call("PATCH", f"/stages/{stage_id}", members)

    def move(self, conversation_id, stage_id, **members):
        """Takes a conversation to a stage; starts it when it is new."""
        return self.call("PUT", f"/stages/{stage_id}/state", {"conversation_id": conversation_id, **members})

    def conversation(self, conversation_id):
        return self.call("GET", f"/conversations/{quote(conversation_id)}")
