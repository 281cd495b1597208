"""Two people edit the same: the second is shown both versions, and never overwrites silently."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.every_store


def test_the_second_sees_both_versions_of_a_stage_and_chooses(shop, walker, visit):
    first, page = visit(), walker.page
    first.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    walker.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    first.page.get_by_label("Name", exact=True).first.fill("Reception")
    first.page.get_by_label("Description", exact=True).first.fill("Of the first.")
    first.page.get_by_role("button", name="Save changes").click()
    expect(first.page.get_by_text("The stage was saved.")).to_be_visible()

    page.get_by_label("Description", exact=True).first.fill("Of the second.")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone else saved in the meantime.")
    description = page.get_by_role("group", name="Description", exact=True)
    expect(description.locator("label", has_text="Yours")).to_contain_text("Of the second.")
    expect(description.locator("label", has_text="Theirs")).to_contain_text("Of the first.")
    assert shop.call("GET", f"/stages/{shop.greeting}?business_id={shop.id}")["stage_description"] == "Of the first."

    page.get_by_role("group", name="Name", exact=True).get_by_label("Theirs").check()
    description.get_by_label("Yours").check()
    page.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_text("The stage was saved.")).to_be_visible()
    saved = shop.call("GET", f"/stages/{shop.greeting}?business_id={shop.id}")
    assert (saved["stage_name"], saved["stage_description"]) == ("Reception", "Of the second.")


def test_the_second_sees_both_versions_of_a_template(shop, walker):
    page = walker.page
    template = shop.templates["response_generation"]
    walker.sign_in(shop.key, f"/templates/{template}")
    page.get_by_label("Text", exact=True).fill("Of the second.")
    shop.call("PATCH", f"/templates/{template}", {"content": "Of the first."})
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone else saved in the meantime.")
    expect(page.locator("#conflict-card").get_by_text("Of the first.")).to_be_visible()
    page.get_by_role("button", name="All of mine").click()
    expect(page.get_by_text("The template was saved.")).to_be_visible()
    assert shop.call("GET", f"/templates/{template}")["content"] == "Of the second."


def test_a_move_that_somebody_else_was_faster_with_is_refused(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, "/conversations/customer-1")
    shop.move("customer-1", shop.order)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Somebody was faster")).to_be_visible()
    assert shop.conversation("customer-1")["status"] == "active"
