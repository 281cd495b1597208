"""Rules are put in order by keys, by buttons, and by dragging."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def editor(shop, visitor):
    """The editor of a stage with four rules, shown by their conditions, from the highest priority down."""
    for number in (3, 4):
        shop.add_rule(shop.greeting, shop.goodbye, f"stage.visits > {number}", priority=10 - number)
    visitor.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    return visitor.page


FIRST, SECOND, THIRD, FOURTH = "message.text.contains('order')", "message.text.contains('bye')", "stage.visits > 3", "stage.visits > 4"


def expect_order(page, *conditions):
    expect(page.locator("#rules .rows summary code")).to_have_text(list(conditions))


def grip(page, place):
    box = page.locator("#rules [data-grip]").nth(place).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_alt_and_an_arrow_move_the_rule_and_the_focus_goes_with_it(editor):
    expect_order(editor, FIRST, SECOND, THIRD, FOURTH)
    editor.locator("#rules .rows summary").first.focus()
    editor.keyboard.press("Alt+ArrowDown")
    expect_order(editor, SECOND, FIRST, THIRD, FOURTH)
    expect(editor.locator("#announcements")).to_have_text("Moved to place 2 of 4.")
    editor.keyboard.press("Alt+ArrowDown")
    expect_order(editor, SECOND, THIRD, FIRST, FOURTH)
    editor.keyboard.press("Alt+ArrowUp")
    expect_order(editor, SECOND, FIRST, THIRD, FOURTH)


def test_a_rule_is_dragged_to_its_place_and_saved_there(editor, shop):
    editor.locator("#rules").scroll_into_view_if_needed()
    editor.mouse.move(*grip(editor, 3))
    editor.mouse.down()
    editor.mouse.move(*grip(editor, 2), steps=4)
    x, y = grip(editor, 0)
    editor.mouse.move(x, y - 4, steps=8)
    editor.mouse.up()
    expect_order(editor, FOURTH, FIRST, SECOND, THIRD)
    editor.get_by_role("button", name="Save changes").click()
    expect(editor.get_by_text("The stage was saved.")).to_be_visible()
    rules = shop.call("GET", f"/transition-rules?from_stage_id={shop.greeting}")["items"]
    rules.sort(key=lambda rule: -rule["priority"])
    assert [rule["condition"] for rule in rules] == [FOURTH, FIRST, SECOND, THIRD]


def test_escape_lets_a_dragged_rule_go_where_it_was(editor):
    editor.locator("#rules").scroll_into_view_if_needed()
    editor.mouse.move(*grip(editor, 0))
    editor.mouse.down()
    x, y = grip(editor, 2)
    editor.mouse.move(x, y + 16, steps=12)
    expect_order(editor, SECOND, THIRD, FIRST, FOURTH)
    editor.keyboard.press("Escape")
    expect_order(editor, FIRST, SECOND, THIRD, FOURTH)
    editor.mouse.up()
    expect_order(editor, FIRST, SECOND, THIRD, FOURTH)


def test_a_rule_is_moved_with_a_button_without_a_script(shop, visit):
    visitor = visit(java_script_enabled=False)
    visitor.sign_in(shop.key, f"/stage-editor/{shop.greeting}")
    expect(visitor.page.locator("#rules [data-grip]").first).to_be_hidden()
    visitor.page.get_by_role("button", name="Move rule 2 up").click()
    expect_order(visitor.page, SECOND, FIRST)
