"""Businesses to walk through."""

from uuid import uuid4

from rest import PURPOSES, Business


class Shop(Business):
    """Three stages with two rules, and a customer at the first."""

    def __init__(self, url, business_id, key):
        super().__init__(url, business_id, key)
        self.templates = {
            "stage_selection": self.add_template("stage_selection", "Choose what is next", "At {{current_stage}}. Next: {{available_stages}}"),
            "data_extraction": self.add_template("data_extraction", "Note the order", "Find {{fields}} in: {{message_content}}"),
            "response_generation": self.add_template(
                "response_generation", "Answer kindly", "Thanks, {{user_name}}. Your order is {{data.order_id}}."),
        }
        fields = [{"name": "order_id", "type": "string", "required": True, "pattern": "[A-Z]{2}-\\d{4,}", "description": "The order's number"}]
        self.greeting = self.add_stage("Greeting", self.templates, is_entry=True)
        self.order = self.add_stage("Find the order", self.templates, stage_type="form", configuration={"fields": fields})
        self.goodbye = self.add_stage("Goodbye", self.templates, stage_type="response", configuration={"final": True})
        self.add_rule(self.greeting, self.order, "message.text.contains('order')", priority=20, description="The customer asks for an order.")
        self.add_rule(self.greeting, self.goodbye, "message.text.contains('bye')", priority=10)
        self.add_rule(self.order, self.goodbye, "has(data.order_id)")
        self.move("customer-1", self.greeting)


def warehouse_flow(number):
    """A flow of many stages, of which the first few have a rule to the next, as a file has it; the ids of its stages, in the order of their names."""
    templates = {purpose: str(uuid4()) for purpose in PURPOSES}
    stages = [
        {
            "stage_id": str(uuid4()), "agent_id": None, "stage_name": f"Aisle {place:03}", "stage_description": "One of many.",
            "stage_type": "conversation", "is_entry": place == 1, "configuration": {},
            **{f"{purpose}_template_id": template for purpose, template in templates.items()},
        }
        for place in range(1, number + 1)
    ]
    ids = [stage["stage_id"] for stage in stages]
    return ids, {
        "format": "stagekeeper-flow/1", "business_name": "Warehouse", "agents": [], "stages": stages,
        "templates": [
            {"template_id": template, "template_name": f"The {purpose}", "template_type": purpose, "content": "Hello.", "system_prompt": ""}
            for purpose, template in templates.items()
        ],
        "transition_rules": [
            {
                "rule_id": str(uuid4()), "from_stage_id": source, "to_stage_id": target, "condition": "true", "selection": "automatic",
                "priority": 0, "description": "",
            }
            for source, target in zip(ids, ids[1:5])
        ],
    }
