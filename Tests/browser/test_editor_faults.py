"""What is wrong is told at its field, and nothing that was typed is lost."""

from playwright.sync_api import expect


def described(field):
    """The texts that describe a field."""
    ids = field.get_attribute("aria-describedby").split()
    return " ".join(field.page.locator(f'[id="{name}"]').text_content() for name in ids)


def test_faults_of_the_server_land_at_their_fields(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, f"/stage-editor/{shop.order}")
    page.get_by_label("Name", exact=True).first.fill(" ")
    page.get_by_label("Description", exact=True).first.fill("Typed before the fault.")
    page.get_by_label("Most visits").fill("many")
    page.get_by_label("Longest stay", exact=True).fill("3")
    page.get_by_role("button", name="Add rule out of this stage").click()
    page.get_by_label("Condition", exact=True).last.fill("data.order_id ===")
    page.get_by_role("button", name="Save changes").click()

    summary = page.get_by_role("alert").filter(has_text="Nothing was saved")
    expect(summary).to_contain_text("values are not acceptable")
    for label, field, told in (
        ("Name", page.get_by_label("Name", exact=True).first, "Must not be empty"),
        ("Most visits", page.get_by_label("Most visits"), "not 'many'"),
        ("After that, go to", page.get_by_label("After that, go to"), "Choose a stage"),
        ("Rule 2, condition", page.get_by_label("Condition", exact=True).last, "line 1, column"),
    ):
        expect(field).to_have_attribute("aria-invalid", "true")
        assert told in described(field)
        summary.get_by_role("link", name=label, exact=True).click()
        if walker.has_script:
            expect(field).to_be_focused()
        expect(field).to_be_visible()

    expect(page.get_by_label("Name", exact=True).first).to_have_value(" ")
    expect(page.get_by_label("Description", exact=True).first).to_have_value("Typed before the fault.")
    expect(page.get_by_label("Most visits")).to_have_value("many")
    expect(page.get_by_label("Condition", exact=True).last).to_have_value("data.order_id ===")
    assert shop.call("GET", f"/stages/{shop.order}?business_id={shop.id}")["revision"] == 1


def test_a_template_with_a_fault_is_shown_with_its_caret(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, "/templates/new")
    page.get_by_label("Name", exact=True).fill("Unfinished")
    text = page.get_by_label("Text", exact=True)
    text.fill("Hello.\nDear {{#user_name}} friend")
    page.get_by_role("button", name="Create template").click()
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#content-error .caret")).to_contain_text("^")
    expect(text).to_have_value("Hello.\nDear {{#user_name}} friend")


def test_that_the_server_does_not_answer_is_told_beside_the_button(shop, visitor):
    page = visitor.page
    visitor.sign_in(shop.key, f"/stage-editor/{shop.order}")
    page.get_by_label("Name", exact=True).first.fill("Kept")
    page.route("**/stage-editor/**", lambda route: route.abort())
    page.get_by_role("button", name="Add field").click()
    expect(page.locator("#fields").get_by_role("alert")).to_contain_text("Nothing was changed.")
    expect(page.get_by_label("Name", exact=True).first).to_have_value("Kept")
    # The browser notes it, too.
    visitor.faults.clear()


def test_what_a_change_means_is_told_before_it_is_saved(shop, walker):
    page = walker.page
    walker.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    page.get_by_label("Strict").check()
    page.get_by_role("button", name="Save changes").click()
    told = "The stage becomes strict: the API can move the conversation that is here only as a rule allows."
    expect(page.get_by_role("alert")).to_contain_text(told)
    assert shop.call("GET", f"/stages/{shop.greeting}?business_id={shop.id}")["revision"] == 1
    page.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_text("The stage was saved.")).to_be_visible()
