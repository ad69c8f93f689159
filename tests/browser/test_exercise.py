"""An exercise in a real browser: an option is chosen, checked, a hint and a solution are shown."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
CELL = "from tlbook.course.ch00_start_here import exercises as ex\nex.q3.check(...)"


def test_an_option_is_chosen_and_checked(lab, page, tmp_path):
    page.goto(lab.notebook(CELL))
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=150_000)
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel",
        timeout=150_000,
    )
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    box = page.locator(".tlbook-exercise")
    box.wait_for(timeout=150_000)
    radios = box.locator("input[type=radio]")
    assert radios.count() >= 3
    said = set()
    for i in range(radios.count()):
        radios.nth(i).check()
        before = box.inner_text()
        box.locator("button.tlbook-check").click()
        page.wait_for_function(
            "before => document.querySelector('.tlbook-exercise').innerText !== before",
            arg=before,
            timeout=20_000,
        )
        said.add("Correct" in box.inner_text())
    page.screenshot(path=tmp_path / "chosen.png")
    assert said == {True, False}, "one option is right, the others are not"
    box.locator("button.tlbook-hint").click()
    box.get_by_text("Hint 1 of").wait_for(timeout=20_000)
    box.locator("button.tlbook-solution").click()
    box.get_by_text("One solution:").wait_for(timeout=20_000)
    page.screenshot(path=tmp_path / "solution.png")
    assert not page.problems
