"""The usage example "Managing Stage State"."""

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.every_store


def test_managing_stage_state(shop, walker):
    page = walker.page
    walker.sign_in(shop.key)

    # 1. View stage details
    page.get_by_role("table").get_by_role("link", name="Greeting", exact=True).click()

    # 2. Navigate to state management
    page.get_by_role("link", name="Manage state").first.click()
    expect(page).to_have_url(f"{shop.url}/stages/{shop.greeting}/state")

    # 3. View current state
    expect(page.get_by_role("heading", name="State of Greeting")).to_be_visible()
    expect(page.get_by_label("Active")).to_be_checked()
    expect(page.get_by_role("table").get_by_role("link", name="customer-1")).to_be_visible()

    # 4. Update state if needed
    page.get_by_label("Data of the stage itself").fill('{"notice": "The phones are down."}')
    page.get_by_role("button", name="Save data").click()
    expect(page.get_by_text("The stage's state was saved.")).to_be_visible()
    page.get_by_label("Disabled").check()
    page.get_by_role("button", name="Set status").click()
    expect(page.locator(".title").get_by_text("disabled")).to_be_visible()
    state = shop.call("GET", f"/stages/{shop.greeting}/state?business_id={shop.id}")
    assert (state["status"], state["data"]) == ("disabled", {"notice": "The phones are down."})

    # 5. Monitor state transitions
    if walker.has_script:
        expect(page.locator("[data-live-status]")).to_have_text("live")
    shop.move("customer-1", shop.goodbye)
    moves = page.get_by_role("region", name="Recent transitions").get_by_role("listitem").filter(has_text="Goodbye")
    if not walker.has_script:
        walker.reload_until(moves)
    expect(moves.get_by_role("link", name="customer-1")).to_be_visible()
    expect(page.get_by_text("Nobody is here")).to_be_visible()


def test_a_conversation_is_brought_paused_moved_and_cleared(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, f"/stages/{shop.order}/state")
    here = page.get_by_role("region", name="Conversations here")
    expect(here.get_by_text("Nobody is here")).to_be_visible()

    bring = page.get_by_role("region", name="Bring a conversation here")
    bring.get_by_label("Conversation").fill("customer-2")
    bring.get_by_label("Data to merge").fill(json.dumps({"order_id": "LL-48213"}))
    bring.get_by_role("button", name="Move it here").click()
    expect(page.get_by_text("The conversation was moved.")).to_be_visible()
    assert shop.conversation("customer-2")["data"] == {"order_id": "LL-48213"}

    here.get_by_role("button", name="Pause customer-2").click()
    expect(here.get_by_text("paused")).to_be_visible()
    here.get_by_role("button", name="Resume customer-2").click()
    expect(here.get_by_text("active")).to_be_visible()

    here.get_by_role("button", name="Move customer-2 elsewhere").click()
    page.get_by_label("To which stage?").select_option("Greeting")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text("The conversation was moved.")).to_be_visible()
    assert shop.conversation("customer-2")["current_stage_id"] == shop.greeting

    walker.open(f"/stages/{shop.greeting}/state")
    walker.agree()
    here.get_by_role("button", name="Clear customer-2").click()
    if not walker.has_script:
        page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("The conversation's state was cleared.")).to_be_visible()
    assert shop.conversation("customer-2")["current_stage_id"] is None


def test_data_that_is_no_object_is_told_at_its_field_and_kept(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, f"/stages/{shop.greeting}/state")
    field = page.get_by_label("Data of the stage itself")
    field.fill('{"notice": ')
    page.get_by_role("button", name="Save data").click()
    expect(page.locator("#state-data-error")).to_contain_text("line 1")
    expect(field).to_have_value('{"notice": ')
    expect(field).to_have_attribute("aria-describedby", "state-data-hint state-data-error")
