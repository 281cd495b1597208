"""Texts that would break out of a page that took them for more than text, and a business that has them everywhere."""

from rest import PURPOSES, Business

# Ends attributes and tags, runs a script in two ways, is a template, and turns the writing direction without turning it back.
MARKUP = """'"><script>window.isBroken = true</script><img src=x onerror="window.isBroken = true">{{{business_name}}}{{#a}}"""
RIGHT_TO_LEFT = "\u202eevil"


def hostile(name):
    return f"{name} {MARKUP}{RIGHT_TO_LEFT}"


class HostileBusiness(Business):
    def __init__(self, url, business_id, key):
        super().__init__(url, business_id, key)
        # As a template, the text must be one that can be saved.
        self.template_text = "Dear <script>window.isBroken = true</script> {{data.note}} \u202eevil"
        self.templates = {purpose: self.add_template(purpose, hostile(purpose), self.template_text) for purpose in PURPOSES}
        self.agent = self.add_agent(hostile("Agent"), hostile("Who"))
        field = {"name": "note", "type": "string", "description": hostile("Note")}
        shared = {"agent_id": self.agent, "stage_description": hostile("What")}
        policy = {"transition_policy": "strict", "fields": [field], "fallback_reply": hostile("Sorry")}
        self.first = self.add_stage(hostile("First"), self.templates, is_entry=True, configuration=policy, **shared)
        self.second = self.add_stage(hostile("Second"), self.templates, **shared)
        self.lonely = self.add_stage(hostile("Lonely"), self.templates, **shared)
        self.add_rule(self.first, self.second, f"message.text != '' || data.note == {hostile('x')!r}", description=hostile("Rule"))
        self.call("PUT", f"/stages/{self.first}/state", {"data": {hostile("key"): hostile("value")}})
        self.call("POST", "/api-keys", {"name": hostile("Key"), "role": "viewer"})
        self.move("walker", self.first, agent_id=self.agent, data={"note": hostile("data"), "<b>other</b>": hostile("other")})
        self.move("walker", self.second, message={"text": hostile("Hello")})
