"""Texts are shown as they are written, whatever they hold."""

import json

import pytest
from hostile import RIGHT_TO_LEFT, HostileBusiness, hostile
from playwright.sync_api import expect
from visitor import Visitor


@pytest.fixture(scope="module")
def business(server):
    name = hostile("Business")
    return HostileBusiness.create(server, name)


@pytest.fixture(scope="module")
def cookies(browser, business):
    visitor = Visitor(browser, business.url)
    visitor.sign_in(business.key)
    state = visitor.context.storage_state()
    visitor.close()
    return state


@pytest.fixture
def guest(visit, cookies):
    return visit(storage_state=cookies)


# Names with the mark that turns the direction must stand in a box of their own, so that nothing behind them is turned, too. Left out are texts that
# hold them in their middle: JSON, and the sentences of the flow check.
LEAKS = """(mark) => {
    const leaks = [];
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.data.includes(mark) || node.parentElement.closest("option, textarea, svg, pre, .findings p")) continue;
        let box = node.parentElement;
        while (!/isolate|plaintext/.test(getComputedStyle(box).unicodeBidi)) box = box.parentElement;
        const rest = box.textContent.slice(box.textContent.indexOf(node.data) + node.data.lastIndexOf(mark) + mark.length);
        if (rest.split("\\n")[0].trim() !== "") leaks.push(box.outerHTML.slice(0, 300));
    }
    return leaks;
}"""


def holds(visitor, *texts):
    """Sees that texts are there as they were written, in the page's text or in its fields, and that none was taken for more."""
    page = visitor.page
    shown = page.evaluate("""() => document.querySelector("main").textContent
        + [...document.querySelectorAll("input, textarea")].map((field) => field.value).join("\\n")""")
    for text in texts:
        assert text in shown, f"{text!r} is not in the page {page.url}"
    assert page.evaluate("window.isBroken") is None
    assert page.locator("main img").count() == 0
    assert page.title().endswith("· Stagekeeper")


def test_lists_and_the_flow_graph_show_names_as_text(guest, business):
    for path in ("/stages", "/stages?view=flow", "/stages?findings=all", f"/stages?agent_id={business.agent}"):
        guest.open(path)
        holds(guest, hostile("First"), hostile("Second"))
    guest.open("/templates")
    holds(guest, *[hostile(purpose) for purpose in business.templates])
    guest.open("/agents")
    holds(guest, hostile("Agent"), hostile("Who"))
    guest.open("/conversations")
    holds(guest, hostile("Second"), hostile("Agent"))
    expect(guest.page.locator(".business").filter(visible=True)).to_have_text(hostile("Business"))


def test_what_was_searched_for_is_shown_as_text(guest):
    guest.open("/stages")
    guest.page.get_by_role("searchbox").fill(hostile("none"))
    guest.page.get_by_role("button", name="Apply").click()
    expect(guest.page.get_by_role("heading", name="No stage matches")).to_be_visible()
    holds(guest, hostile("none"))


def test_a_stage_shows_its_texts_as_text(guest, business):
    guest.open(f"/stages/{business.first}")
    holds(guest, hostile("First"), hostile("What"), hostile("Sorry"), hostile("Note"), hostile("Rule"), hostile("Agent"), business.template_text)
    guest.open(f"/stages/{business.first}/state")
    holds(guest, hostile("First"), json.dumps(hostile("value"), ensure_ascii=False))
    guest.open(f"/stage-editor/{business.first}")
    holds(guest, hostile("First"), hostile("What"), hostile("Note"), hostile("Sorry"), hostile("Rule"))


def test_templates_and_previews_are_shown_as_text(guest, business):
    guest.open(f"/templates/{business.templates['response_generation']}")
    guest.page.get_by_label("With the values of a conversation").fill("walker")
    guest.page.get_by_role("button", name="Preview").click()
    expect(guest.page.locator("#preview-card pre")).to_contain_text(hostile("data"))
    holds(guest, business.template_text, hostile("response_generation"))


def test_a_conversation_shows_its_data_and_its_why_as_text(guest):
    guest.open("/conversations/walker")
    guest.page.get_by_text("Why", exact=True).first.click()
    holds(guest, hostile("data"), "<b>other</b>", hostile("First"), hostile("Agent"))


def test_the_simulator_shows_what_was_said_as_text(guest, business):
    page = guest.page
    guest.open(f"/simulator?agent_id={business.agent}")
    page.get_by_label("Message", exact=True).fill(hostile("Hello"))
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Why", exact=True).click()
    expect(page.locator(".trace > li").first).to_be_visible()
    holds(guest, hostile("Hello"), hostile("First"), hostile("Second"), hostile("Agent"))


def test_a_chat_shows_what_was_said_as_text(guest, business):
    page = guest.page
    guest.open(f"/conversations/talker?start=yes&agent_id={business.agent}")
    page.get_by_label("Message of the end user").fill(hostile("Hello"))
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#messages > li")).to_have_count(1)
    holds(guest, hostile("Hello"), hostile("Second"))
    assert page.evaluate(LEAKS, RIGHT_TO_LEFT) == []


def test_settings_show_names_of_keys_and_of_what_was_done_as_text(guest):
    guest.open("/settings")
    holds(guest, hostile("Key"))
    guest.page.get_by_text("Create a key").click()
    guest.page.get_by_label("What it is for").fill(hostile("Mine"))
    guest.page.get_by_role("button", name="Create key").click()
    expect(guest.page.locator("#secret")).to_be_visible()
    holds(guest, hostile("Mine"))


def test_faults_quote_what_was_typed_as_text(guest, business):
    page = guest.page
    guest.open(f"/stage-editor/{business.second}")
    page.get_by_label("Most visits").fill(hostile("many"))
    page.get_by_role("button", name="Add rule out of this stage").click()
    page.get_by_label("Condition", exact=True).last.fill(f"message.text == {hostile('text')}")
    expect(page.locator(".caret")).to_contain_text("<script>")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#faults")).to_be_visible()
    holds(guest, hostile("many"), hostile("text"))


def test_two_versions_and_questions_are_shown_as_text(guest, business):
    page = guest.page
    guest.open(f"/stage-editor/{business.lonely}")
    page.get_by_label("Description", exact=True).first.fill(hostile("Mine"))
    business.change_stage(business.lonely, stage_description=hostile("Theirs"))
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#conflict-card")).to_be_visible()
    holds(guest, hostile("Mine"), hostile("Theirs"))
    page.get_by_role("link", name="Drop mine and begin again").click()
    guest.open(f"/stages/{business.lonely}")
    page.get_by_text("Delete this stage…").click()
    page.get_by_role("button", name="Delete stage").click()
    holds(guest, hostile("Lonely"))


def test_nothing_is_turned_by_a_name_that_turns_the_direction(guest, business):
    paths = (
        "/stages", f"/stages/{business.first}", f"/stages/{business.first}/state", f"/stage-editor/{business.first}", "/templates", "/agents",
        "/conversations", "/conversations/walker", "/settings",
    )
    for path in paths:
        guest.open(path)
        assert guest.page.evaluate(LEAKS, RIGHT_TO_LEFT) == [], path
