"""Every usage example begins with signing in: a valid business API key, a secure HttpOnly cookie."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.every_store


def test_a_key_gives_a_cookie_that_is_not_the_key(shop, walker):
    walker.sign_in(shop.key)
    expect(walker.page.get_by_role("heading", name="Stages", level=1)).to_be_visible()
    cookie = next(cookie for cookie in walker.context.cookies() if cookie["name"] == "__Host-stagekeeper")
    assert cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Lax" and cookie["path"] == "/"
    assert shop.key not in cookie["value"]


def test_one_is_led_to_the_page_that_one_came_for(shop, walker):
    walker.sign_in(shop.key, f"/stages/{shop.order}/state")
    expect(walker.page.get_by_role("heading", name="State of Find the order")).to_be_visible()


def test_another_key_is_refused_at_its_field(walker):
    page = walker.page
    walker.open("/login")
    page.get_by_label("API key").fill("sk_no_such_key")
    page.get_by_role("button", name="Sign in").click()
    field = page.get_by_label("API key")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{field.get_attribute('aria-describedby')}")).to_contain_text("key")


def test_the_printed_link_signs_in_once(server, visit):
    first, second = visit(), visit()
    first.open(server.link)
    expect(first.page).to_have_url(server.url + "/stages")
    expect(first.page.get_by_text("Lantern & Loom").filter(visible=True)).to_be_visible()
    second.open(server.link)
    expect(second.page.get_by_role("alert")).to_contain_text("link")
    expect(second.page.get_by_label("API key")).to_be_visible()
    assert not [cookie for cookie in second.context.cookies() if cookie["name"] == "__Host-stagekeeper"]


def test_who_has_signed_out_must_sign_in_again(shop, walker):
    walker.sign_in(shop.key)
    cookies = walker.context.cookies()
    walker.page.get_by_role("button", name="Sign out").click()
    expect(walker.page.get_by_text("You are signed out.")).to_be_visible()
    walker.context.add_cookies(cookies)
    walker.open("/stages")
    expect(walker.page.get_by_label("API key")).to_be_visible()
