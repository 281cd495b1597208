"""Pages that show what happens as it happens, without being loaded anew."""

import pytest
from playwright.sync_api import expect
from relay import Relay

pytestmark = pytest.mark.every_store


@pytest.fixture
def relay(server):
    relay = Relay(server.url)
    yield relay
    relay.close()


def open_live(visitor, shop, path):
    """Opens a page and marks it, to see that it stays the same one."""
    visitor.sign_in(shop.key, path)
    expect(visitor.page.locator("[data-live-status]")).to_have_text("live")
    visitor.page.evaluate("window.isSamePage = true")


def is_same_page(visitor):
    return visitor.page.evaluate("window.isSamePage === true")


def test_a_move_through_the_api_appears_on_the_state_page(shop, visitor):
    open_live(visitor, shop, f"/stages/{shop.order}/state")
    page = visitor.page
    shop.move("customer-1", shop.order)
    first = page.get_by_role("region", name="Recent transitions").get_by_role("listitem").first
    expect(first).to_contain_text("customer-1")
    expect(first).to_have_attribute("data-new", "")
    expect(page.get_by_role("table").get_by_role("link", name="customer-1")).to_be_visible()
    expect(page.locator("[data-live=entered]")).to_have_text("1")
    assert is_same_page(visitor)


def test_a_page_keeps_up_while_conversations_never_stop_moving(shop, visitor):
    open_live(visitor, shop, f"/stages/{shop.order}/state")
    entered = visitor.page.locator("[data-live=entered]")
    moves = 0
    while entered.inner_text() == "0":
        assert moves < 2000, "The page waits for a quiet moment that does not come."
        shop.move(f"customer-{moves}", shop.order)
        moves += 1


def test_what_happened_while_the_stream_was_cut_is_caught_up_with(shop, relay, visit):
    visitor = visit(relay.url)
    open_live(visitor, shop, f"/stages/{shop.order}/state")
    status = visitor.page.locator("[data-live-status]")
    relay.cut()
    expect(status).to_have_text("reconnecting")
    shop.move("customer-1", shop.order)
    relay.mend()
    expect(visitor.page.get_by_role("region", name="Recent transitions").get_by_role("link", name="customer-1")).to_be_visible()
    expect(status).to_have_text("live")
    shop.move("customer-2", shop.order)
    expect(visitor.page.get_by_role("region", name="Recent transitions").get_by_role("link", name="customer-2")).to_be_visible()
    assert is_same_page(visitor)
    # That the network was away is noted by the browser, too.
    visitor.faults = [fault for fault in visitor.faults if "net::ERR_" not in fault]


def test_the_list_of_stages_counts_who_is_there(shop, visitor):
    visitor.sign_in(shop.key)
    page = visitor.page
    page.evaluate("window.isSamePage = true")
    shop.move("customer-2", shop.greeting)
    expect(page.get_by_role("row", name="Greeting").locator("[data-live=here]")).to_have_text("2")
    assert is_same_page(visitor)


def test_a_stage_being_viewed_shows_its_first_conversation(shop, visitor):
    visitor.sign_in(shop.key, f"/stages/{shop.goodbye}")
    page = visitor.page
    expect(page.get_by_text("No conversation has been here yet.")).to_be_visible()
    page.evaluate("window.isSamePage = true")
    shop.move("customer-1", shop.goodbye)
    expect(page.get_by_role("list", name="Transition history").get_by_role("link", name="customer-1")).to_be_visible()
    expect(page.get_by_text("No conversation has been here yet.")).to_be_hidden()
    assert is_same_page(visitor)


def test_an_open_why_stays_open_when_a_timeline_grows(shop, visitor):
    shop.change_stage(shop.greeting, configuration={"transition_policy": "strict"})
    shop.move("customer-1", shop.order, message={"text": "Where is my order?"})
    visitor.sign_in(shop.key, "/conversations/customer-1")
    page = visitor.page
    page.get_by_text("Why", exact=True).click()
    shown = page.get_by_text("message.text.contains('order')")
    expect(shown).to_be_visible()
    shop.move("customer-1", shop.goodbye)
    expect(page.get_by_role("region", name="Timeline").get_by_role("listitem").filter(has_text="Goodbye").first).to_be_visible()
    expect(shown).to_be_visible()
