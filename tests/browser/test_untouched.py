"""A chapter tomorrow: only opened it is not "unsaved", and saved it opens with its pictures."""

import json

import pytest

from tlbook.course import chapters
from tlbook.workshop.lab import student_copy

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
_CONTEXT = "window.jupyterapp?.shell.currentWidget?.context"
_KERNEL = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"


def test_an_untouched_chapter_stays_unchanged(lab, page):
    student_copy(chapters.find("02").path, lab.files / "02.ipynb")
    page.goto(f"{lab.address}/lab/tree/02.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=150_000)
    # The kernel has told what it is, and the page has had time to take it over.
    page.wait_for_function(f"() => {_KERNEL}?.status === 'idle'", timeout=150_000)
    page.wait_for_timeout(3000)
    assert page.evaluate(f"() => {_CONTEXT}.model.dirty") is False
    page.evaluate("() => jupyterapp.commands.execute('notebook:insert-cell-below')")
    page.wait_for_function(f"() => {_CONTEXT}.model.dirty === true", timeout=20_000)


CELL = 'from tlbook.course import widgets\nwidgets.show("shift_simulator")'


def test_a_saved_chapter_opens_with_the_picture_of_its_widget(lab, page):
    page.goto(lab.notebook(CELL))
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=150_000)
    page.wait_for_function(f"() => {_KERNEL}", timeout=150_000)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(".tlbook-live").first.wait_for(timeout=150_000)
    page.evaluate(
        "async () => { await jupyterapp.commands.execute('docmanager:save');"
        " await jupyterapp.commands.execute('notebook:shutdown-kernel'); }"
    )
    saved = json.loads((lab.files / "test.ipynb").read_text())
    assert [list(o["data"]) for o in saved["cells"][0]["outputs"] if "image/png" in o["data"]]
    assert "widget-view" not in json.dumps(saved)
    page.goto(f"{lab.address}/lab/tree/test.ipynb?reset")
    page.locator(".jp-OutputArea img").first.wait_for(timeout=150_000)
    page.wait_for_function(f"() => {_KERNEL}?.status === 'idle'", timeout=150_000)
    page.wait_for_timeout(2000)
    assert "model not found" not in page.locator(".jp-Notebook").inner_text()
    assert page.locator(".jp-OutputArea img").first.is_visible()
