"""Names of 200 characters, of emoji and from right to left stay within their frame and whole."""

import pytest
from flows import Shop
from playwright.sync_api import expect
from visitor import DESKTOP, PHONE

NAMES = {
    "one_word": "Wiederherstellungsgenehmigungsverfahren" * 5 + "Ende!",
    "many_words": ("a rather long name that goes on and on " * 6)[:200].strip(),
    "emoji": "🧑‍🚀🛰️🌌" * 28,
    "right_to_left": "محادثة طويلة جدا عن الطلبات والتوصيل " * 5,
}


@pytest.mark.parametrize("kind", NAMES)
def test_long_names_stay_within_their_frame(kind, server, visit):
    name = NAMES[kind][:200].strip()
    shop = Shop.create(server, name)
    agent = shop.add_agent(name)
    shop.change_stage(shop.greeting, stage_name=name, stage_description=name * 3)
    shop.call("PATCH", f"/templates/{shop.templates['data_extraction']}", {"template_name": name})
    shop.change_stage(shop.order, agent_id=agent)
    shop.call("POST", "/api-keys", {"name": name, "role": "viewer"})
    long_id = "x" * 128
    shop.move(long_id, shop.greeting, agent_id=agent)
    visitor = visit()
    visitor.sign_in(shop.key)
    for path in (
        "/stages", "/stages?view=flow", f"/stages/{shop.greeting}", f"/stages/{shop.greeting}/state", f"/stage-editor/{shop.greeting}", "/templates",
        f"/templates/{shop.templates['data_extraction']}", "/agents", f"/agents/{agent}", "/conversations", f"/conversations/{long_id}", "/simulator",
        "/settings",
    ):
        visitor.open(path)
        for viewport in (DESKTOP, PHONE):
            visitor.page.set_viewport_size(viewport)
            assert not visitor.overflow(), f"{path} at {viewport['width']} px"
    visitor.open(f"/stages/{shop.greeting}")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(name)
