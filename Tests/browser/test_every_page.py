"""What holds for every page, at both widths and in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from catalogue import PAGES
from visitor import DESKTOP, PHONE

MOST_BYTES = 60 * 1024
# The themes differ in their colours alone.
RULES = {"light": {}, "dark": {"runOnly": {"type": "tag", "values": ["cat.color"]}}}
axe = Axe()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_for_everybody_small_and_within_its_frame(name, visit, world, signed_in):
    """Also: nothing is asked of another host, and nothing is told in the console; a visitor watches that all the time."""
    visitor = visit(storage_state=signed_in)
    page = visitor.page
    PAGES[name](visitor, world)
    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        assert not visitor.overflow()
        for theme in RULES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            result = axe.run(page, options=RULES[theme])
            assert result.violations_count == 0, f"{viewport['width']} px, {theme}:\n{result.generate_report()}"
    assert visitor.transferred() < MOST_BYTES
