"""A business of 500 stages is as usable as one of five."""

import pytest
from flows import warehouse_flow
from playwright.sync_api import expect
from rest import Business
from server import Server
from visitor import PHONE

STAGES = 500
# One process is enough to keep the server.
pytestmark = pytest.mark.xdist_group("warehouse")


@pytest.fixture(scope="module")
def warehouse():
    """The business, and the ids of its stages."""
    ids, flow = warehouse_flow(STAGES)
    with Server(flow) as server:
        yield Business(server.url, server.business, server.key), ids


@pytest.fixture(params=[True, False], ids=["with_script", "without_script"])
def guest(request, warehouse, visit):
    visitor = visit(warehouse[0].url, java_script_enabled=request.param)
    visitor.sign_in(warehouse[0].key)
    return visitor


def test_the_list_is_paged_through_to_its_end(guest):
    page = guest.page
    seen = set()
    expect(page.get_by_text(f"of {STAGES}", exact=False).first).to_be_visible()
    while True:
        rows = page.locator("#stages tr")
        assert 0 < rows.count() <= 100
        seen |= set(rows.locator("a.name").filter(has_text="Aisle").all_text_contents())
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        summary = page.locator(".pager > span").first.text_content()
        following.click()
        expect(page.locator(".pager > span").first).not_to_have_text(summary)
    assert len(seen) == STAGES
    page.get_by_role("link", name="First page").click()
    expect(page.locator("#stages tr").first).to_contain_text("Aisle 001")


def test_a_stage_is_found_by_its_name(guest):
    page = guest.page
    page.get_by_role("searchbox").fill("aisle 437")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#stages tr")).to_have_count(1)
    page.get_by_role("table").get_by_role("link", name="Aisle 437", exact=True).click()
    expect(page.get_by_role("heading", name="Aisle 437", level=1)).to_be_visible()


def test_the_picture_is_a_page_of_its_own(guest):
    guest.page.get_by_role("link", name="Flow graph").click()
    expect(guest.page.locator("svg.sk-graph, .sk-graph").first).to_be_visible()
    guest.page.get_by_role("link", name="Aisle 002", exact=True).click()
    expect(guest.page.get_by_role("heading", name="Aisle 002", level=1)).to_be_visible()


def test_a_target_is_picked_among_many_by_typing(guest, warehouse):
    business, ids = warehouse
    page = guest.page
    source = ids[20 if guest.has_script else 21]
    guest.open(f"/stage-editor/{source}")
    page.get_by_role("button", name="Add rule out of this stage").click()
    # The browser offers the names of the list; what is chosen is an id.
    choice = page.locator("#stage-choices option", has_text="Aisle 300").get_attribute("value")
    page.get_by_label("Leads to").fill(choice)
    guest.save("Save changes")
    expect(page.get_by_text("The stage was saved.")).to_be_visible()
    assert any(rule["to_stage_id"] == ids[299] for rule in business.call("GET", f"/transition-rules?from_stage_id={source}")["items"])


def test_nothing_overflows_on_a_phone(guest, warehouse):
    guest.page.set_viewport_size(PHONE)
    for path in ("/stages", f"/stage-editor/{warehouse[1][0]}", "/simulator", "/conversations", "/stages?view=flow"):
        guest.open(path)
        if guest.has_script:
            assert not guest.overflow(), path
