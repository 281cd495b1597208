"""Writing to a conversation as its end user."""

import pytest
from playwright.sync_api import expect
from visitor import DESKTOP, PHONE

pytestmark = pytest.mark.every_store


def texts(shop, conversation):
    return [message["text"] for message in shop.call("GET", f"/conversations/{conversation}/messages")["items"]]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_message_is_answered_in_the_chat(shop, walker, viewport):
    page = walker.page
    page.set_viewport_size(viewport)
    walker.sign_in(shop.key, "/conversations/customer-1")
    page.get_by_label("Message of the end user").fill("My order, please")
    page.get_by_role("button", name="Send").click()
    message = page.locator("#messages > li")
    expect(message).to_contain_text("My order, please")
    expect(message).to_contain_text("Find the order")
    expect(page.get_by_role("region", name="Timeline").get_by_role("listitem").filter(has_text="Find the order").first).to_be_visible()
    expect(page.locator("#head")).to_contain_text("Find the order")
    expect(page.get_by_label("Message of the end user")).to_have_value("")
    assert texts(shop, "customer-1") == ["My order, please"]


def test_the_reply_streams_in_and_the_page_stays(shop, visitor):
    page = visitor.page
    visitor.sign_in(shop.key, "/conversations/customer-1")
    page.evaluate("""() => {
        window.isSamePage = true;
        window.arrived = [];
        new MutationObserver(() => window.arrived.push(document.getElementById("arriving").textContent))
            .observe(document.getElementById("arriving"), { childList: true, characterData: true, subtree: true });
    }""")
    with page.expect_request(lambda request: request.url.endswith("/messages")) as sent:
        page.get_by_label("Message of the end user").fill("My order")
        page.keyboard.press("Enter")
    assert sent.value.headers["accept"] == "text/event-stream"
    expect(page.locator("#messages > li")).to_have_count(1)
    expect(page.locator("#arriving > li")).to_have_count(0)
    expect(page.get_by_label("Message of the end user")).to_be_focused()
    assert any("Greeting → Find the order" in text and "Thanks" in text for text in page.evaluate("window.arrived"))
    # The next one is another message.
    page.keyboard.type("Still me")
    page.keyboard.press("Enter")
    expect(page.locator("#messages > li")).to_have_count(2)
    assert page.evaluate("window.isSamePage")
    assert texts(shop, "customer-1") == ["Still me", "My order"]


def test_a_conversation_is_started_from_the_list(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, "/conversations")
    page.get_by_text("Start a conversation").click()
    page.get_by_label("Its id").fill("customer-9")
    page.get_by_role("button", name="Write to it").click()
    expect(page.get_by_text("Nothing was said yet.")).to_be_visible()
    page.get_by_label("Message of the end user").fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#messages > li")).to_contain_text("Hello")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert shop.conversation("customer-9")["current_stage_id"] == shop.greeting


def test_a_paused_conversation_says_that_the_message_was_stored(shop, walker):
    page = walker.page
    shop.call("POST", "/conversations/customer-1/pause")
    walker.sign_in(shop.key, "/conversations/customer-1")
    page.get_by_label("Message of the end user").fill("Anybody there?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#messages > li")).to_contain_text("Stored without a reply: the conversation was paused.")


def test_what_could_not_be_sent_is_told_and_stays_in_the_box(shop, walker):
    page = walker.page
    shop.change_stage(shop.greeting, is_entry=False)
    walker.sign_in(shop.key, "/conversations/customer-9?start=yes")
    page.get_by_label("Message of the end user").fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The flow has no entry stage for this conversation")).to_be_visible()
    expect(page.get_by_label("Message of the end user")).to_have_value("Hello")
    shop.change_stage(shop.greeting, is_entry=True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#messages > li")).to_contain_text("Hello")
    assert texts(shop, "customer-9") == ["Hello"]


def test_a_reply_that_is_begun_anew_is_cleared_first(shop, visitor):
    """The server says so when others have changed the conversation meanwhile; here a server that says it each time."""
    page = visitor.page
    visitor.sign_in(shop.key, "/conversations/customer-1")
    events = [
        ("stage", '{"stage_id":"x","stage_name":"Wrong"}'), ("reply", '{"text":"Void"}'), ("reset", "{}"),
        ("stage", '{"stage_id":"y","stage_name":"Right"}'), ("data", '{"extracted":{"size":{"value":"L"}},"missing_fields":["colour"]}'),
        ("reply", '{"text":"In"}'), ("reply", '{"text":" pieces"}'), ("error", '{"detail":"It broke off."}'),
    ]
    body = ": the turn has begun\n\n" + "".join(f"event: {name}\ndata: {data}\n\n" for name, data in events)
    page.route("**/messages", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=body))
    page.evaluate("""() => {
        const seen = window.seen = [];
        new MutationObserver(() => seen.push(document.getElementById("arriving").innerText))
            .observe(document.getElementById("arriving"), { childList: true, characterData: true, subtree: true });
        const remove = Element.prototype.remove;
        Element.prototype.remove = function () {
            if (this.closest("#arriving")) window.last = this.innerText;
            remove.call(this);
        };
    }""")
    page.get_by_label("Message of the end user").fill("Hello")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It broke off.")).to_be_visible()
    last = page.evaluate("window.last")
    assert "Right" in last and "In pieces" in last and "size: L" in last and "still missing: colour" in last
    assert "Wrong" not in last and "Void" not in last
    expect(page.get_by_label("Message of the end user")).to_have_value("Hello")
