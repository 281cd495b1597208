"""Conditions in the editor: checked as they are typed, and tried on a conversation."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def rule(shop, visitor):
    """The first rule of the first stage, unfolded in the editor."""
    visitor.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    row = visitor.page.locator("#rules .rows > li").first
    row.locator("summary").click()
    return row


def test_a_fault_is_shown_under_its_caret_while_one_types(rule):
    condition = rule.get_by_label("Condition", exact=True)
    condition.fill("message.text.contains('order') && daata.topic == 'x'")
    expect(rule.locator(".caret")).to_contain_text("daata.topic")
    caret = rule.locator(".caret").text_content().split("\n")
    assert caret[1].rstrip().endswith("^") and caret[1].index("^") == caret[0].index("daata")
    expect(condition).to_have_attribute("aria-invalid", "true")
    expect(rule.locator("[id$='condition-error']")).to_contain_text("column")
    assert rule.locator("[id$='condition-error']").get_attribute("id") in condition.get_attribute("aria-describedby")

    condition.fill("message.text.contains('order') && data.topic == 'x'")
    expect(rule.locator(".caret")).to_have_count(0)
    expect(condition).not_to_have_attribute("aria-invalid", "true")


def test_a_condition_of_a_new_stage_is_checked_too(shop, visitor):
    visitor.sign_in(shop.key, "/stage-editor/new")
    visitor.page.get_by_role("button", name="Add rule out of this stage").click()
    visitor.page.get_by_label("Condition", exact=True).fill("1 +")
    expect(visitor.page.locator("#rules .caret")).to_contain_text("1 +")


def test_the_variables_on_offer_are_listed(rule):
    rule.page.get_by_text("What conditions can use").click()
    expect(rule.page.locator("#rules .variables")).to_contain_text("data.order_id")
    expect(rule.page.locator("#rules .variables")).to_contain_text("message.text")


def test_trying_it_on_a_conversation_shows_the_trace(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    page.locator("#rules .rows summary").first.click()
    page.get_by_label("Try conditions on a conversation").fill("customer-1")
    page.get_by_label("…and on a message").fill("Where is my order?")
    page.get_by_role("button", name="Try it").first.click()
    trace = page.locator("#rules .preview")
    expect(trace).to_contain_text("customer-1")
    expect(trace.locator(".clauses")).to_contain_text("message.text.contains('order')")
    expect(trace.locator(".clauses .held")).to_be_visible()
    expect(page.get_by_label("Try conditions on a conversation")).to_have_value("customer-1")


def test_trying_it_on_nobody_is_told_at_the_field(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    page.locator("#rules .rows summary").first.click()
    page.get_by_label("Try conditions on a conversation").fill("nobody")
    page.get_by_role("button", name="Try it").first.click()
    expect(page.locator("#try-error")).to_contain_text("nobody")
