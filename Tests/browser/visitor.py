"""Somebody with a browser, watched: what goes wrong in it, and what it asks for."""

import re
import time
from urllib.parse import urlsplit

from playwright.sync_api import expect

PHONE = {"width": 380, "height": 800}
DESKTOP = {"width": 1440, "height": 900}
OVERFLOW = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 0.5);
    return [`${root.scrollWidth} > ${root.clientWidth}`, ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
}"""
ASSETS = ("stylesheet", "script", "image", "font")
# The browser notes every refusal that a page or a form is answered with; that the page tells it is what the tests look at.
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


class Visitor:
    def __init__(self, browser, url, **options):
        self.url = url
        self.has_script = options.get("java_script_enabled", True)
        self.context = browser.new_context(base_url=url, viewport=DESKTOP, permissions=["clipboard-read", "clipboard-write"], **options)
        self.context.set_default_timeout(20_000)
        self.faults = []
        self.context.on("request", self._watch_request)
        self.context.on("response", self._watch_response)
        self.context.on("console", self._watch_console)
        self.context.on("weberror", lambda error: self.faults.append(f"an error in the script: {error.error}"))
        self.context.on("requestfinished", self._count_request)
        self.document = None
        self.assets = {}
        self.page = self.context.new_page()

    def close(self):
        self.context.close()
        assert not self.faults, "\n".join(self.faults)

    def open(self, path):
        return self.page.goto(path)

    def sign_in(self, key, next_path="/stages"):
        """Signs in as a person does: comes for a page, is sent to the form, and is led on."""
        self.open(next_path)
        self.page.get_by_label("API key").fill(key)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).to_have_url(self.url + next_path)

    def agree(self):
        """Agrees to what is asked next, by the browser with a script, on a page without."""
        if self.has_script:
            self.page.once("dialog", lambda dialog: dialog.accept())

    def overflow(self):
        """What stands out of the document to the right; nothing when all is within."""
        return self.page.evaluate(OVERFLOW)

    def save(self, label):
        """Saves what is edited, also after being told what that would mean."""
        self.page.get_by_role("button", name=label).click()
        anyway = self.page.get_by_role("button", name="Save anyway")
        anyway.or_(self.page.locator("#flash")).first.wait_for()
        if anyway.is_visible():
            anyway.click()

    def reload_until(self, locator):
        """Loads the page again until something is there: without a script nothing comes by itself, and numbers may be a second late."""
        deadline = time.monotonic() + 20
        while not locator.count():
            assert time.monotonic() < deadline, f"{locator} does not appear"
            self.page.reload()

    def transferred(self):
        """How many bytes the shown page and what it is made of came as."""
        requests = [self.document, *self.assets.values()]
        return sum(request.sizes()["responseBodySize"] for request in requests)

    def _count_request(self, request):
        if request.resource_type == "document":
            self.document = request
        elif request.resource_type in ASSETS:
            # Kept by the browser, it comes once for all pages.
            self.assets.setdefault(request.url, request)

    def _watch_request(self, request):
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and not request.url.startswith(self.url + "/"):
            self.faults.append(f"{request.url} is asked of another host")

    def _watch_response(self, response):
        if response.request.resource_type in ASSETS and response.status >= 400:
            self.faults.append(f"{response.url} is answered with {response.status}")

    def _watch_console(self, message):
        if message.type in ("error", "warning") and not REFUSAL.match(message.text):
            self.faults.append(f"{message.type} in the console at {message.page.url if message.page else '?'}: {message.text}")
