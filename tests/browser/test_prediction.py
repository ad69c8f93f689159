"""A prediction in a real browser: a click is noted, compared, and links to the heading."""

import json

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_prediction_is_clicked_compared_and_kept(lab, page, tmp_path):
    cells = ['from tlbook.course.predictions import expect\nexpect("00.1")']
    address = lab.notebook(*cells)
    path = lab.files / "test.ipynb"
    notebook = nbformat.read(path, 4)
    lines = [nbformat.v4.new_markdown_cell(f"Line {k}.\n\n" * 12) for k in range(12)]
    notebook.cells += [*lines[:6], nbformat.v4.new_markdown_cell("## From scratch"), *lines[6:]]
    nbformat.write(notebook, path)
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=150_000)
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel",
        timeout=150_000,
    )
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    box = page.locator(".tlbook-predict")
    box.wait_for(timeout=150_000)
    assert box.count() == 1, "the page that stands for the buttons does not show beside them"
    box.locator("button").click()
    box.get_by_text("Choose first").wait_for(timeout=20_000)
    box.locator("input[type=radio]").nth(1).check()
    box.get_by_text("Noted.").wait_for(timeout=20_000)
    box.locator("button").click()
    box.get_by_text("three times as good as guessing").wait_for(timeout=20_000)
    page.screenshot(path=tmp_path / "compared.png")
    heading = page.locator(".jp-MarkdownOutput h2")
    assert not _in_view(heading)
    box.get_by_role("link", name="From scratch").click()
    page.wait_for_timeout(1500)
    page.screenshot(path=tmp_path / "followed.png")
    assert _in_view(page.locator(".jp-MarkdownOutput h2")), "the link leads to the heading"
    assert not page.problems
    kept = json.loads((lab.folder / "user-data" / "tlbook" / "predictions.json").read_text())
    assert kept == {"00.1": {"0": "about 30 %"}}


def _in_view(locator):
    if not locator.count():
        return False
    box = locator.first.bounding_box()
    return box is not None and 0 <= box["y"] < 1000
