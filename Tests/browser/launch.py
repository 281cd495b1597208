"""The browser."""

import os
from contextlib import contextmanager

from playwright.sync_api import sync_playwright


@contextmanager
def launched():
    """Chromium. Its own sandbox needs rights that containers do not give; it is shown our own server alone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
