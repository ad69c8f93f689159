"""The game of chapter 10 in a real browser: it redraws while it trains, and obeys its buttons."""

import re
import time

import pytest

from tests.browser.live import Live
from tlbook.course import widgets

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
NAME = "adversarial_game"


@pytest.fixture
def live(lab, page):
    view = Live(page, widgets.get(NAME))
    view.open(lab.notebook(f"from tlbook.course import widgets\nwidgets.show({NAME!r})", "1 + 1"))
    return view


def test_it_redraws_while_it_trains_pauses_steps_and_resets(live, lab, tmp_path, capsys):
    page = live.page
    start = live.picture()
    assert start == live.experiment.render()

    live.press("train")
    began = time.monotonic()
    pictures = live.watched(6)
    assert len(pictures) >= 6, "the picture does not change while it trains"
    page.screenshot(path=tmp_path / "training.png")
    # The kernel is free while it trains: a cell runs and ends, the run is still on.
    page.evaluate(
        """() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(
          {code: "open('free.txt', 'w').write('yes')"}).done"""
    )
    assert (lab.files / "free.txt").read_text() == "yes"
    assert live.busy(), "the run was over before the cell was"

    live.press("pause")
    live.wait_for(r"^paused at step \d+ of 600$")
    paused = live.settle()
    at = int(re.search(r"step (\d+)", live.line())[1])
    assert 0 < at < 600
    page.wait_for_timeout(700)
    assert live.picture() == paused, "it goes on while paused"
    page.screenshot(path=tmp_path / "paused.png")

    live.press("step")
    live.wait_for(rf"^paused at step {at + 20} of 600$")
    assert live.settle() != paused

    assert "Continue" in live.box.locator("button.tlbook-pause").inner_text()
    live.press("pause")
    live.wait_for(r"^finished: 600 steps$", 120)
    with capsys.disabled():
        print(f"\n  game: watched to its end in {time.monotonic() - began:.1f} s", end="")
    assert live.settle() == start, "the run that was watched ended in another picture"

    live.press("train")
    live.wait_for(r"^step \d+ of 600")
    live.press("stop")
    live.wait_for(r"^stopped at step \d+ of 600$")
    assert live.settle() != start
    assert live.reset() == start
    assert not live.box.get_by_role("alert").is_visible()
    assert page.problems == []


def test_a_control_moved_while_it_trains_starts_the_game_anew(live, tmp_path):
    weight, ratio = live.experiment.controls[:2]
    live.control(weight).locator(".noUi-handle").focus()
    live.page.keyboard.press("Home")
    live.wait_for(r"^step \d+ of 600")
    assert live.busy()
    live.control(ratio).locator(".noUi-handle").focus()
    live.page.keyboard.press("Home")
    want = live.experiment.render(weight=0.0, ratio=0.1)
    assert live.settle() == want
    live.page.screenshot(path=tmp_path / "ends.png")
    live.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    live.page.wait_for_timeout(1000)
    live.settle()
    assert live.page.problems == []
