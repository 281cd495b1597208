"""What another business has is not there for us: its pages are the same as those of what never was."""

import pytest
from catalogue import ABSENT
from flows import Shop
from playwright.sync_api import expect

ROUTES = {
    "StageView": "/stages/{stage}", "StageState": "/stages/{stage}/state", "StageEditor": "/stage-editor/{stage}",
    "TemplateEditor": "/templates/{template}", "AgentEditor": "/agents/{agent}", "Conversation": "/conversations/{conversation}",
}


@pytest.fixture(scope="module")
def foreign(server):
    shop = Shop.create(server, "Somebody Else's")
    agent = shop.add_agent("Foreign agent")
    shop.move("theirs", shop.order)
    return {"stage": shop.order, "template": shop.templates["data_extraction"], "agent": agent, "conversation": "theirs"}


@pytest.mark.parametrize("page_name", ROUTES)
def test_a_page_of_a_foreign_id_is_that_of_an_unknown_one(page_name, shop, foreign, visitor):
    route = ROUTES[page_name]
    unknown = {name: "never-was" if name == "conversation" else ABSENT for name in foreign}
    visitor.sign_in(shop.key)
    name = route.split("{")[1].split("}")[0]
    texts = []
    for ids in (foreign, unknown):
        answer = visitor.open(route.format(**ids))
        assert answer.status == 404
        texts.append(answer.text().replace(ids[name], "ID"))
    expect(visitor.page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert texts[0] == texts[1]


def test_a_form_to_a_foreign_id_changes_nothing(shop, foreign, visitor):
    visitor.sign_in(shop.key, f"/stages/{shop.greeting}/state")
    visitor.page.evaluate("(path) => { document.querySelector('#bring-card form').action = path; }", f"/stages/{foreign['stage']}/state")
    visitor.page.get_by_role("region", name="Bring a conversation here").get_by_label("Conversation").fill("mine")
    visitor.page.get_by_role("button", name="Move it here").click()
    expect(visitor.page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_what_is_no_id_is_not_there_either(shop, visitor):
    visitor.sign_in(shop.key)
    for path in ("/stages/0", "/stages/%3Cscript%3E/state", "/stage-editor/new-one", "/conversations/%E2%80%AE", "/no-such-page"):
        assert visitor.open(path).status == 404
        expect(visitor.page.get_by_role("heading", name="There is nothing here")).to_be_visible()
