"""Fixtures: Debian's Chromium through playwright, and a JupyterLab that is like new each time."""

from collections.abc import Iterator

import pytest

from tests.browser.lab import Lab
from tlbook.workshop.chromium import FLAGS, chosen


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Start one browser for all tests of this process."""
    path = chosen()
    if path is None:
        pytest.skip("no Chromium found: install it, or name one in TLBOOK_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Lab]:
    """Start one JupyterLab for all tests of this process."""
    with Lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def lab(server) -> Iterator[Lab]:
    """Lend the JupyterLab to one test: without a kernel, a file or a setting."""
    yield server
    server.clear()


@pytest.fixture
def page(browser, tmp_path) -> Iterator:
    """Open a page that records every error; a picture of it is kept when the test ends."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"page: {error}"))
    page.on(
        "console",
        lambda m: page.problems.append(f"console: {m.text}") if m.type == "error" else None,
    )
    yield page
    page.screenshot(path=tmp_path / "last.png")
    context.close()
