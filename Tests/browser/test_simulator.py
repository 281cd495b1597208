"""Trying a flow by talking to it."""

import pytest
from playwright.sync_api import expect
from visitor import DESKTOP, PHONE


def say(page, text, number):
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(f"#message-{number} [data-reply]")).to_be_visible()


def said(page):
    return page.locator(".chat > li .by-user .words").all_inner_texts()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_chat_is_tried_stepped_back_changed_and_saved(shop, walker, viewport):
    page = walker.page
    page.set_viewport_size(viewport)
    walker.sign_in(shop.key, "/simulator")
    conversations = shop.call("GET", "/conversations")["items"]

    for number, text in enumerate(("Hello", "My order, please", "Hm"), 1):
        say(page, text, number)
    expect(page.locator("#message-1")).to_contain_text("Greeting")
    expect(page.locator("#message-2 .facts")).to_contain_text("Find the order")
    expect(page.locator("#message-2 .facts")).to_contain_text("order_id")
    page.locator("#message-1").get_by_text("Why", exact=True).click()
    expect(page.locator("#message-1")).to_contain_text("message.text.contains('order')")
    if walker.has_script:
        assert not walker.overflow()

    page.get_by_role("button", name="Step back to before message 3").click()
    expect(page.locator(".chat > li")).to_have_count(2)

    page.locator("#message-2 summary", has_text="Change").click()
    page.get_by_label("New text of message 2").fill("bye")
    page.locator("#message-2").get_by_role("button", name="Run again").click()
    expect(page.locator("#message-2 .facts")).to_contain_text("Goodbye")
    assert said(page) == ["Hello", "bye"]

    page.get_by_label("Name of the test").fill("From hello to goodbye")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a test").click()
    assert download.value.suggested_filename == "from-hello-to-goodbye.yaml"
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith('format: stagekeeper-test/1\nconversations:\n  - name: "From hello to goodbye"\n')
    assert '- user: "bye"\n        stage: "Goodbye"\n' in text

    page.get_by_role("button", name="Restart").click()
    expect(page.get_by_text("Nothing was said yet")).to_be_visible()
    assert shop.call("GET", "/conversations")["items"] == conversations


def test_enter_sends_and_the_focus_stays_in_the_box(shop, visitor):
    page = visitor.page
    page.set_viewport_size(PHONE)
    visitor.sign_in(shop.key, "/simulator")
    box = page.get_by_label("Message", exact=True)
    box.focus()
    for number in range(1, 4):
        page.keyboard.type("Hello")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("again")
        page.keyboard.press("Enter")
        expect(page.locator(f"#message-{number} [data-reply]")).to_be_in_viewport()
        expect(box).to_be_focused()
        expect(box).to_be_in_viewport()
        expect(box).to_have_value("")
    assert said(page) == ["Hello\nagain"] * 3
    expect(page.locator("#announcements")).not_to_be_empty()


def test_a_why_that_is_open_stays_open_while_the_chat_goes_on(shop, visitor):
    page = visitor.page
    visitor.sign_in(shop.key, "/simulator")
    say(page, "Hello", 1)
    page.get_by_text("Why", exact=True).click()
    say(page, "My order", 2)
    expect(page.locator("#message-1 .trace")).to_be_visible()
    expect(page.locator("#message-2 .trace").first).to_be_hidden()


def test_a_fault_of_the_start_is_shown_there_and_the_message_stays(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, "/simulator")
    page.get_by_text("Start", exact=True).click()
    page.get_by_label("Data that is known").fill("{")
    page.get_by_label("Message", exact=True).fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#data-error")).to_contain_text("line 1")
    expect(page.get_by_label("Message", exact=True)).to_have_value("Hello")
    page.get_by_label("Data that is known").fill('{"order_id": "AB-1234"}')
    page.get_by_label("At a stage").select_option("Find the order")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#message-1 .facts")).to_contain_text("Goodbye")
