"""Writes every page of the catalogue at both widths and in both themes."""

import sys

from catalogue import PAGES, World
from launch import launched
from server import ROOT, Server
from visitor import DESKTOP, PHONE, Visitor

FOLDER = ROOT / ".screenshots"


def take(visitor, name):
    page = visitor.page
    for width, viewport in (("1440", DESKTOP), ("380", PHONE)):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size(viewport)
            # As high as the page, so that what sticks to an edge of the window is at that of the picture.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({**viewport, "height": max(height, viewport["height"])})
            page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png")


def main(names):
    FOLDER.mkdir(exist_ok=True)
    # The folder ignores itself.
    (FOLDER / ".gitignore").write_text("*\n", encoding="ascii")
    with Server() as server, launched() as browser:
        world = World(server)
        for name in names or PAGES:
            visitor = Visitor(browser, server.url)
            visitor.sign_in(world.demo.key)
            PAGES[name](visitor, world)
            take(visitor, name)
            visitor.close()
            print(f"{FOLDER.name}/{name}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
