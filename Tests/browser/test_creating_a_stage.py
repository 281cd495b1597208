"""The usage example "Creating a New Stage"."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.every_store


def test_creating_a_new_stage(shop, walker):
    page = walker.page
    walker.sign_in(shop.key)

    # 1. Navigate to stage list
    walker.open("/stages")

    # 2. Click "Create Stage"
    page.get_by_role("link", name="Create Stage").click()
    expect(page).to_have_url(f"{shop.url}/stage-editor/new")

    # 3. Fill in required information
    page.get_by_label("Name", exact=True).first.fill("Complaint")
    page.get_by_label("Description", exact=True).first.fill("Listens to what went wrong.")
    page.get_by_role("radio", name="Conversation").first.check()
    page.get_by_label("Stage Selection Template").select_option("Choose what is next")
    page.get_by_label("Data Extraction Template").select_option("Note the order")
    page.get_by_label("Response Generation Template").select_option("Answer kindly")

    # 4. Configure state management
    page.get_by_label("Most visits").fill("3")
    page.get_by_label("Longest stay", exact=True).fill("3")
    page.get_by_label("Unit of the longest stay").select_option("days")
    page.get_by_label("After that, go to").select_option("Goodbye")
    page.get_by_role("button", name="Add rule out of this stage").click()
    page.get_by_label("Leads to").select_option("Goodbye")
    page.get_by_label("Condition", exact=True).fill("stage.visits > 3")
    page.get_by_label("Dropped on leaving").check()

    # 5. Save new stage
    walker.save("Create stage")
    expect(page.get_by_text("The stage was created.")).to_be_visible()
    expect(page.get_by_role("heading", name="Complaint", level=1)).to_be_visible()

    stages = shop.call("GET", f"/stages?business_id={shop.id}&q=Complaint")["items"]
    assert len(stages) == 1 and page.url.endswith(stages[0]["stage_id"])
    assert stages[0]["configuration"]["max_visits"] == 3
    assert stages[0]["configuration"]["timeout"] == {"seconds": 3 * 86_400, "to_stage_id": shop.goodbye}
    assert stages[0]["configuration"]["persistence"]["scope"] == "stage"
    assert shop.call("GET", f"/transition-rules?from_stage_id={stages[0]['stage_id']}")["items"][0]["condition"] == "stage.visits > 3"


def test_a_template_is_made_in_place(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, "/stage-editor/new")
    page.get_by_label("Name", exact=True).first.fill("Complaint")
    picker = page.locator("#picker-response_generation")
    picker.get_by_role("button", name="New").click()
    picker.get_by_label("Name of the template").fill("Say sorry")
    picker.get_by_label("Text").fill("We are sorry, {{user_name}}.")
    picker.get_by_role("button", name="Save template").click()
    expect(picker.get_by_label("Response Generation Template").locator("option:checked")).to_have_text("Say sorry")
    picker.get_by_role("button", name="Preview").click()
    expect(picker.get_by_role("status").filter(has_text="Preview")).to_contain_text("We are sorry")
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Complaint")
