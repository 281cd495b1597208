"""The usage example "Editing a Stage"."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.every_store


def test_editing_a_stage(shop, walker):
    page = walker.page
    walker.sign_in(shop.key)

    # 1. View stage details
    page.get_by_role("table").get_by_role("link", name="Greeting", exact=True).click()
    expect(page.get_by_role("heading", name="Greeting", level=1)).to_be_visible()

    # 2. Click "Edit Stage"
    page.get_by_role("link", name="Edit Stage").click()
    expect(page).to_have_url(f"{shop.url}/stage-editor/{shop.greeting}")

    # 3. Modify information
    page.get_by_label("Name", exact=True).first.fill("Welcome")
    page.get_by_label("Description", exact=True).first.fill("Greets whoever comes.")
    page.get_by_role("radio", name="Form").check()

    # 4. Configure state management
    page.get_by_label("Strict").check()
    page.get_by_label("Most visits").fill("5")
    page.get_by_label("Forget a silent conversation after").fill("2")
    page.get_by_label("Unit of that time").select_option("days")
    page.get_by_role("button", name="Add field").click()
    page.locator("#fields").get_by_label("Name", exact=True).fill("topic")
    page.get_by_role("button", name="Add rule out of this stage").click()
    rule = page.locator("#rules .rows > li").nth(2)
    rule.get_by_label("Leads to").select_option("Goodbye")
    rule.get_by_label("Condition").fill('data.?topic.orValue("") == "none"')

    # 5. Save changes
    walker.save("Save changes")
    expect(page.get_by_text("The stage was saved.")).to_be_visible()
    expect(page.get_by_role("heading", name="Welcome", level=1)).to_be_visible()

    saved = shop.call("GET", f"/stages/{shop.greeting}?business_id={shop.id}")
    assert (saved["stage_name"], saved["stage_description"], saved["stage_type"]) == ("Welcome", "Greets whoever comes.", "form")
    configuration = saved["configuration"]
    assert (configuration["transition_policy"], configuration["max_visits"]) == ("strict", 5)
    assert configuration["persistence"]["ttl_seconds"] == 2 * 86_400
    assert [field["name"] for field in configuration["fields"]] == ["topic"]
    rules = shop.call("GET", f"/transition-rules?from_stage_id={shop.greeting}")["items"]
    assert len(rules) == 3 and any("topic" in rule["condition"] for rule in rules)
