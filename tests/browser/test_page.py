"""An exported page in a real browser: formulas have a size, and nothing is asked for."""

import pytest

from tlbook.course import chapters
from tlbook.workshop.page import write_page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_browser_draws_the_formulas_without_a_request(browser, tmp_path):
    write_page(chapters.find("09").path, tmp_path / "page.html")
    asked = []
    tab = browser.new_page()
    tab.on("request", lambda r: asked.append(r.url))
    tab.goto((tmp_path / "page.html").as_uri())
    boxes = [m.bounding_box() for m in tab.locator("math").all()[:5]]
    assert len(boxes) == 5
    assert all(box and box["width"] > 5 and box["height"] > 5 for box in boxes)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    tab.close()
