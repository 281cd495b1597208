"""The usage example "Viewing a Stage"."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.every_store


def test_viewing_a_stage(shop, walker):
    page = walker.page
    walker.sign_in(shop.key)

    # 1. Navigate to `/stages`
    walker.open("/stages")
    expect(page.get_by_role("table").get_by_role("rowheader")).to_have_count(3)

    # 2. Click on a stage to view details
    page.get_by_role("table").get_by_role("link", name="Find the order", exact=True).click()
    expect(page).to_have_url(f"{shop.url}/stages/{shop.order}")
    expect(page.get_by_role("heading", name="Find the order", level=1)).to_be_visible()

    # 3. View basic information and template configurations
    facts = page.get_by_role("region", name="Basic Information")
    for term, text in {
        "Stage Name": "Find the order", "Description": "What happens at Find the order.", "Type": "form", "Stage ID": shop.order,
        "Business ID": shop.id, "Agent ID": "none",
    }.items():
        expect(facts.locator("dt", has_text=term).locator("xpath=following-sibling::dd")).to_contain_text(text)
    templates = page.get_by_role("region", name="Template Configuration")
    for title, name, excerpt in (
        ("Stage Selection Template", "Choose what is next", "Next: {{available_stages}}"),
        ("Data Extraction Template", "Note the order", "Find {{fields}} in:"),
        ("Response Generation Template", "Answer kindly", "Your order is {{data.order_id}}."),
    ):
        part = templates.locator("[data-template-type]", has=page.get_by_role("heading", name=title))
        expect(part.get_by_role("link", name=name)).to_be_visible()
        expect(part).to_contain_text(excerpt)
    expect(page.get_by_role("region", name="Creation Information").locator("time").first).to_contain_text("UTC")

    # 4. Check current stage state and history
    walker.open(f"/stages/{shop.greeting}")
    state = page.get_by_role("region", name="Stage State")
    expect(state.get_by_text("active")).to_be_visible()
    expect(state.locator("dt", has_text="Here now").locator("xpath=following-sibling::dd")).to_have_text("1")
    expect(state.get_by_role("heading", name="Stage-specific data")).to_be_visible()
    expect(state.get_by_role("list", name="Transition history").get_by_role("link", name="customer-1")).to_be_visible()


def test_ids_are_copied_with_a_button(shop, visitor):
    visitor.sign_in(shop.key, f"/stages/{shop.order}")
    visitor.page.get_by_role("button", name="Copy the stage id").click()
    expect(visitor.page.locator("#announcements")).to_have_text("Copied.")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == shop.order


def test_a_revision_is_compared_and_restored(shop, walker):
    page = walker.page
    shop.change_stage(shop.order, stage_name="Find the parcel")
    walker.sign_in(shop.key, f"/stages/{shop.order}")
    revisions = page.locator("#revisions-card")
    revisions.get_by_text("1 change").click()
    expect(revisions.locator(".before")).to_contain_text("Find the order")
    expect(revisions.locator(".after")).to_contain_text("Find the parcel")
    walker.agree()
    revisions.get_by_role("button", name="Restore revision 1").click()
    if not walker.has_script:
        page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The revision was restored")).to_be_visible()
    expect(page.get_by_role("heading", name="Find the order", level=1)).to_be_visible()
