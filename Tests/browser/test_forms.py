"""Forms are taken from our own pages alone, sent by the one who was given them."""

import urllib.error
import urllib.parse
import urllib.request

import pytest
from catalogue import PAGES
from playwright.sync_api import expect

# All forms of a page, as each of their buttons would send them, without the token. Signing in needs none: there is no session yet.
POST_ALL = """async (token) => {
    const answers = [];
    for (const form of document.querySelectorAll("form[method=post]")) {
        const action = form.getAttribute("action");
        if (action === "/login") continue;
        const buttons = [...form.querySelectorAll("button:not([type=button]):not(:disabled)")];
        for (const button of buttons.length > 0 ? buttons : [undefined]) {
            const body = new URLSearchParams(new FormData(form, button));
            body.delete("csrf_token");
            if (token !== null) body.set("csrf_token", token);
            const answer = await fetch(action, { method: "POST", body, headers: { Accept: "text/html" }, redirect: "manual" });
            answers.push([`${action} ${button?.value ?? ""}`, answer.status]);
        }
    }
    return answers;
}"""


# Pages that together have every form.
WITH_FORMS = (
    "stages", "stage-view", "editor-new", "editor-open", "editor-conflict", "editor-consequences", "stage-state", "confirm", "template-new",
    "template-editor", "agent-new", "agent-editor", "conversation-why", "conversation-chat", "simulator",
    "simulator-chat", "settings", "not-found",
)


@pytest.mark.parametrize("name", WITH_FORMS)
def test_no_form_is_taken_without_its_token(name, visit, world, signed_in):
    visitor = visit(storage_state=signed_in)
    PAGES[name](visitor, world)
    answers = visitor.page.evaluate(POST_ALL, None)
    # Every page has the form to sign out.
    assert answers
    assert [answer for answer in answers if answer[1] != 403] == []


def test_the_token_of_another_session_is_refused(shop, visit):
    mine, theirs = visit(), visit()
    mine.sign_in(shop.key, f"/stages/{shop.greeting}/state")
    theirs.sign_in(shop.key)
    token = theirs.page.locator("meta[name=csrf-token]").get_attribute("content")
    answers = mine.page.evaluate(POST_ALL, token)
    assert len(answers) > 5 and {status for _, status in answers} == {403}


def test_a_form_of_another_site_is_refused(shop, visitor):
    visitor.sign_in(shop.key)
    cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in visitor.context.cookies())
    token = visitor.page.locator("meta[name=csrf-token]").get_attribute("content")
    body = urllib.parse.urlencode({"csrf_token": token, "action": "set_status", "status": "disabled"}).encode()
    request = urllib.request.Request(
        f"{shop.url}/stages/{shop.greeting}/state", data=body, headers={"Cookie": cookie, "Origin": "https://example.org"})
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=20)
    assert refusal.value.code == 403
    visitor.open(f"/stages/{shop.greeting}/state")
    expect(visitor.page.get_by_label("Active")).to_be_checked()
