"""Leaving with unsaved changes asks; saving does not."""

import pytest
from playwright.sync_api import expect


def leave(visitor):
    visitor.page.get_by_role("link", name="Templates", exact=True).click()


def leave_and_be_asked(visitor, stays=False):
    """Follows a link out of the page, is asked about that, and leaves or stays."""
    visitor.page.once("dialog", lambda dialog: dialog.dismiss() if stays else dialog.accept())
    with visitor.page.expect_event("dialog") as asked:
        leave(visitor)
    assert asked.value.type == "beforeunload"
    if not stays:
        expect(visitor.page).to_have_url(visitor.url + "/templates")


@pytest.fixture
def editor(shop, visitor):
    visitor.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    return visitor


def test_leaving_after_typing_asks_and_staying_keeps_what_was_typed(editor):
    name = editor.page.get_by_label("Name", exact=True).first
    name.fill("Half")
    leave_and_be_asked(editor, stays=True)
    expect(name).to_have_value("Half")
    leave_and_be_asked(editor)


def test_leaving_after_a_rule_was_added_asks(editor):
    editor.page.get_by_role("button", name="Add rule out of this stage").click()
    expect(editor.page.locator("#rules .rows > li")).to_have_count(3)
    leave_and_be_asked(editor)


def test_leaving_after_faults_asks(editor):
    editor.page.get_by_label("Most visits").fill("many")
    editor.page.get_by_role("button", name="Save changes").click()
    expect(editor.page.locator("#faults")).to_be_visible()
    editor.page.get_by_label("Most visits").click()
    leave_and_be_asked(editor)


def test_leaving_without_a_change_does_not_ask(editor):
    editor.page.locator("#picker-response_generation").get_by_role("button", name="Preview").click()
    expect(editor.page.locator("#picker-response_generation .preview")).to_be_visible()
    asked = []
    editor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    leave(editor)
    expect(editor.page).to_have_url(editor.url + "/templates")
    assert not asked


def test_saving_does_not_ask(editor):
    editor.page.get_by_label("Name", exact=True).first.fill("Reception")
    editor.page.get_by_role("button", name="Save changes").click()
    expect(editor.page.get_by_text("The stage was saved.")).to_be_visible()
