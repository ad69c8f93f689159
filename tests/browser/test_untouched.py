"""A chapter that is only opened is not "unsaved": nobody is asked to save what was not changed."""

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
