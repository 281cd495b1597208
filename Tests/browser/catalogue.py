"""Every page, and how one gets there: what accessibility, layout, weight and screenshots are looked at on."""

from playwright.sync_api import expect
from rest import Business

ABSENT = "00000000-0000-4000-8000-000000000000"
PAGES = {}


def page(function):
    """Adds a page to the catalogue: a function that takes a visitor there who is signed in to the demo business."""
    PAGES[function.__name__.replace("_", "-")] = function
    return function


class World:
    """The demo business with something of everything in it, and a fresh one."""

    def __init__(self, server):
        self.demo = Business(server.url, server.business, server.key)
        self.fresh = Business.create(server, "Fresh Start")
        found = self.demo.call("GET", f"/stages?limit=200&business_id={self.demo.id}")["items"]
        self.stages = {stage["stage_name"]: stage["stage_id"] for stage in found}
        self.templates = {item["template_name"]: item["template_id"] for item in self.demo.call("GET", "/templates?limit=200")["items"]}
        self.agents = {agent["agent_name"]: agent["agent_id"] for agent in self.demo.call("GET", "/agents")["items"]}
        self.demo.call("PUT", f"/stages/{self.stages['Complaint']}/state", {"status": "disabled", "data": {"notice": "Back on Monday."}})
        # A conversation with a decision in its timeline: a strict stage asks the rules.
        welcome = self.stages["Welcome"]
        before = self.demo.call("GET", f"/stages/{welcome}?business_id={self.demo.id}")["configuration"]
        self.demo.change_stage(welcome, configuration={**before, "transition_policy": "strict"})
        self.demo.move("web-0c41de", welcome, data={"topic": "return", "email": "ada@example.com"})
        self.demo.move("web-0c41de", self.stages["Return or refund"], message={"text": "I want to send something back."})
        self.demo.call("POST", "/conversations/web-0c41de/pause")


@page
def login(visitor, world):
    visitor.context.clear_cookies()
    visitor.open("/login")


@page
def login_refused(visitor, world):
    login(visitor, world)
    visitor.page.get_by_label("API key").fill("sk_no_such_key")
    visitor.page.get_by_role("button", name="Sign in").click()
    expect(visitor.page.locator("#api_key-error")).to_be_visible()


@page
def stages(visitor, world):
    visitor.open("/stages")


@page
def stages_flow(visitor, world):
    visitor.open("/stages?view=flow")


@page
def stages_no_match(visitor, world):
    visitor.open("/stages?q=nothing+like+it")


@page
def stages_empty(visitor, world):
    visitor.context.clear_cookies()
    visitor.sign_in(world.fresh.key)


@page
def stage_view(visitor, world):
    visitor.open(f"/stages/{world.stages['Welcome']}")


@page
def stage_view_form(visitor, world):
    visitor.open(f"/stages/{world.stages['Return or refund']}")


@page
def editor_new(visitor, world):
    visitor.open("/stage-editor/new")


@page
def editor(visitor, world):
    visitor.open(f"/stage-editor/{world.stages['Return or refund']}")


@page
def editor_open(visitor, world):
    """With a field and a rule unfolded, a template edited in place, another's preview, and a condition tried."""
    editor(visitor, world)
    page = visitor.page
    page.locator("#picker-stage_selection").get_by_role("button", name="Preview").click()
    expect(page.locator("#picker-stage_selection .preview")).to_be_visible()
    page.locator("#picker-response_generation").get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Name of the template")).to_be_visible()
    page.locator("#fields summary").first.click()
    page.locator("#rules .rows summary").first.click()
    page.get_by_label("Try conditions on a conversation").fill("web-0c41de")
    page.get_by_role("button", name="Try it").first.click()
    expect(page.locator("#rules .preview")).to_be_visible()


@page
def editor_faults(visitor, world):
    editor(visitor, world)
    page = visitor.page
    page.get_by_label("Name", exact=True).first.fill(" ")
    page.get_by_label("Most visits").fill("many")
    page.get_by_role("button", name="Add rule out of this stage").click()
    page.get_by_label("Condition").last.fill("data.order_id === 1")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#faults")).to_be_visible()


@page
def editor_conflict(visitor, world):
    editor(visitor, world)
    page = visitor.page
    stage = world.stages["Return or refund"]
    page.get_by_label("Description", exact=True).first.fill("Takes down what comes back and why.")
    now = world.demo.call("GET", f"/stages/{stage}?business_id={world.demo.id}")["stage_description"]
    world.demo.change_stage(stage, stage_description=now + " Somebody adds a sentence.")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#conflict-card")).to_be_visible()
    world.demo.change_stage(stage, stage_description=now)


@page
def editor_consequences(visitor, world):
    editor(visitor, world)
    page = visitor.page
    page.get_by_label("Strict").check()
    page.get_by_label("Final").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#consequences")).to_be_visible()


@page
def stage_state(visitor, world):
    visitor.open(f"/stages/{world.stages['Return or refund']}/state")


@page
def stage_state_empty(visitor, world):
    visitor.open(f"/stages/{world.stages['Exchange an item']}/state")


@page
def stage_state_fault(visitor, world):
    stage_state(visitor, world)
    visitor.page.get_by_label("Data of the stage itself").fill('{"notice": ')
    visitor.page.get_by_role("button", name="Save data").click()
    expect(visitor.page.locator("#state-data-error")).to_be_visible()


@page
def confirm(visitor, world):
    stage_state(visitor, world)
    visitor.page.get_by_role("button", name="Move web-0c41de elsewhere").click()
    expect(visitor.page.get_by_label("To which stage?")).to_be_visible()


@page
def templates(visitor, world):
    visitor.open("/templates")


@page
def template_new(visitor, world):
    visitor.open("/templates/new")


@page
def template_editor(visitor, world):
    visitor.open(f"/templates/{world.templates['Order status']}")


@page
def template_preview(visitor, world):
    template_editor(visitor, world)
    visitor.page.get_by_label("With the values of a conversation").fill("web-7f3a9c")
    visitor.page.get_by_role("button", name="Preview").click()
    expect(visitor.page.locator("#preview-card pre")).to_be_visible()


@page
def template_fault(visitor, world):
    visitor.open("/templates/new")
    visitor.page.get_by_label("Name", exact=True).fill("Unfinished")
    visitor.page.get_by_label("Text", exact=True).fill("Dear {{#user_name}} friend,\nhello.")
    visitor.page.get_by_role("button", name="Create template").click()
    expect(visitor.page.locator("#faults")).to_be_visible()


@page
def agents(visitor, world):
    visitor.open("/agents")


@page
def agent_new(visitor, world):
    visitor.open("/agents/new")


@page
def agent_editor(visitor, world):
    visitor.open(f"/agents/{world.agents['Mara']}")


@page
def conversations(visitor, world):
    visitor.open("/conversations")


@page
def conversations_empty(visitor, world):
    stages_empty(visitor, world)
    visitor.open("/conversations")


@page
def conversation(visitor, world):
    visitor.open("/conversations/web-7f3a9c")


@page
def conversation_chat(visitor, world):
    """With messages that were answered, and one that could not be sent."""
    chat = "/conversations/web-chat"
    for number, text in enumerate(("Hello!", "Where is my order?\nIt was to come on Monday."), 1):
        world.demo.call("POST", f"{chat}/messages", {"message_id": f"m-{number}", "text": text, "user_name": "Ada"})
    visitor.open(chat)
    visitor.page.get_by_label("Message of the end user").fill("Hm?")
    expect(visitor.page.locator("#messages > li")).to_have_count(2)


@page
def conversation_start(visitor, world):
    visitor.open(f"/conversations/web-new?start=yes&agent_id={world.agents['Mara']}")


@page
def conversations_start(visitor, world):
    visitor.open("/conversations")
    visitor.page.get_by_text("Start a conversation").click()
    expect(visitor.page.get_by_label("Its id")).to_be_visible()


@page
def conversation_why(visitor, world):
    visitor.open("/conversations/web-0c41de")
    visitor.page.get_by_text("Why", exact=True).first.click()


@page
def conversation_revealed(visitor, world):
    visitor.open("/conversations/web-0c41de")
    visitor.page.get_by_role("button", name="Reveal").click()
    expect(visitor.page.get_by_text("ada@example.com")).to_be_visible()


@page
def simulator(visitor, world):
    visitor.open("/simulator")


@page
def simulator_chat(visitor, world):
    """Three messages, a why unfolded, and one about to be changed."""
    visitor.open(f"/simulator?agent_id={world.agents['Mara']}")
    page = visitor.page
    for number, text in enumerate(("Hello!", "Where is my order?", "I'd like to send the lamp back, please."), 1):
        page.get_by_label("Message", exact=True).fill(text)
        page.get_by_role("button", name="Send").click()
        expect(page.locator(f"#message-{number} [data-reply]")).to_be_visible()
    page.locator("#message-3 summary", has_text="Why").click()
    expect(page.locator("#message-3 .trace > li").first).to_be_visible()
    page.locator("summary", has_text="Change").first.click()


@page
def simulator_faults(visitor, world):
    visitor.open("/simulator")
    page = visitor.page
    page.get_by_text("Start", exact=True).click()
    page.get_by_text("Try drafts").click()
    page.get_by_label("Drafts (JSON)").fill('{"rules": [{"condition": "data."}]}')
    page.get_by_label("Data that is known").fill("{")
    page.get_by_label("Message", exact=True).fill("Hello!")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#drafts-error")).to_be_visible()


@page
def settings(visitor, world):
    visitor.open("/settings")


@page
def settings_new_key(visitor, world):
    visitor.open("/settings")
    visitor.page.get_by_text("Create a key").click()
    visitor.page.get_by_label("What it is for").fill("Chat widget of the web shop")
    visitor.page.get_by_role("button", name="Create key").click()
    expect(visitor.page.locator("#secret")).to_be_visible()


@page
def not_found(visitor, world):
    visitor.open(f"/stages/{ABSENT}")


@page
def not_found_signed_out(visitor, world):
    visitor.context.clear_cookies()
    visitor.open("/no-such-page")
