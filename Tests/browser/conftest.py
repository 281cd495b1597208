"""What tests are given: a server, a browser, businesses and visitors."""

import pytest
from catalogue import World
from flows import Shop
from launch import launched
from playwright.sync_api import expect
from server import Server
from visitor import Visitor

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def server():
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture
def shop(server):
    """A small business of the test's own."""
    return Shop.create(server)


@pytest.fixture(scope="session")
def world(server):
    """What the pages of the catalogue show; tests leave it as it is."""
    return World(server)


@pytest.fixture(scope="session")
def signed_in(browser, world):
    """The cookies of one who is signed in to the demo business."""
    visitor = Visitor(browser, world.demo.url)
    visitor.sign_in(world.demo.key)
    state = visitor.context.storage_state()
    visitor.close()
    return state


@pytest.fixture
def visit(browser, server):
    """Lets somebody come with a browser; options are those of a browser context."""
    visitors = []

    def come(url=server.url, **options):
        visitors.append(Visitor(browser, url, **options))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def visitor(visit):
    return visit()


@pytest.fixture(params=[True, False], ids=["with_script", "without_script"])
def walker(request, visit):
    """Somebody who walks through the pages, once with a script and once without."""
    return visit(java_script_enabled=request.param)
