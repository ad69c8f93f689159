"""The bench of chapter 11 in a real browser: run, watch, cancel, keep, compare, score."""

import json
import time

import pytest

from tests.browser.live import Live
from tlbook.course import widgets
from tlbook.course.ch11_alignment.widget.experiment_bench import KNOBS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]
NAME = "experiment_bench"
SHOW = f"from tlbook.course import widgets\nwidgets.show({NAME!r})"


def kept(lab):
    """Return the events in the file on disk."""
    path = lab.files / "runs" / "experiment_bench.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_runs_are_watched_cancelled_kept_compared_and_scored(lab, page, tmp_path):
    live = Live(page, widgets.get(NAME))
    live.open(lab.notebook(SHOW))
    start = live.picture()
    assert start == live.experiment.render()
    assert kept(lab) == [], "something was kept before a run was asked for"

    live.press("run")
    # It ends in the picture it started from, so a second one can only be of the run under way. How
    # many of them the page gets to show depends on the machine.
    assert len(live.watched(4)) >= 2, "the picture does not change while it trains"
    page.screenshot(path=tmp_path / "running.png")
    live.wait_for(r"^finished: 200 steps")
    assert live.settle() == start, "the run that was watched ended in another picture"
    assert [run["status"] for run in kept(lab)] == ["done"]

    live.box.locator(".tlbook-control-method select").select_option("DANN")
    live.wait_for("press Run")
    live.settle()
    own = {f".tlbook-control-{knob.name}" for knob in KNOBS["DANN"].values()}
    for knobs in KNOBS.values():
        for knob in knobs.values():
            place = f".tlbook-control-{knob.name}"
            assert live.box.locator(place).is_visible() == (place in own), place
    live.press("run")
    live.wait_for(r"^step \d+ of 200")
    live.press("pause")
    live.wait_for(r"^paused at step \d+ of 200")
    paused = live.settle()
    live.press("step")
    limit = time.monotonic() + 60
    while live.settle() == paused:
        assert time.monotonic() < limit, "one more slice and still the same picture"
    live.press("stop")
    live.wait_for(r"^stopped at step \d+ of 200")
    assert live.box.locator("button.tlbook-score").is_disabled()
    live.settle()
    cancelled = kept(lab)[1]
    assert cancelled["status"] == "cancelled" and cancelled["method"] == "DANN"
    assert 0 < cancelled["steps"] < 200

    live.box.locator(".tlbook-control-method select").select_option("AdaBN")
    live.press("run")
    live.wait_for(r"^finished: 200 steps")
    live.press("score")
    live.wait_for(r"target accuracy [\d.]+ % \(look 1 at this target\)")
    *_, adabn, score = kept(lab)
    assert score["id"] == adabn["id"] and 0 < score["score"] <= 1 and score["looks"] == 1

    table = live.box.locator(".tlbook-table")
    assert table.locator("tbody tr").count() == 3
    comparison = live.box.locator("img.tlbook-comparison")
    three = comparison.get_attribute("src")
    page.set_viewport_size({"width": 1280, "height": 1700})
    page.screenshot(path=tmp_path / "compared.png")
    live.box.locator(".tlbook-runs select").select_option(index=0)
    page.wait_for_function(
        "([box, old]) => document.querySelector(box).src !== old",
        arg=["img.tlbook-comparison", three],
    )
    assert live.reset() == start
    assert not live.box.get_by_role("alert").is_visible()
    assert page.problems == []


def test_runs_of_an_earlier_session_are_there_again_damaged_lines_or_not(lab, page, tmp_path):
    path = lab.files / "runs" / "experiment_bench.jsonl"
    path.parent.mkdir()
    run = {"id": "a1", "status": "done", "task": "two blobs, moved", "method": "JAN", "seed": 0}
    run |= {"steps": 10, "at": [5, 10], "curves": {"information": [0.1, 0.2]}}
    path.write_text(json.dumps(run) + '\n{"id": "b2", "stat')
    live = Live(page, widgets.get(NAME))
    live.open(lab.notebook(f"from tlbook.course import widgets\nwidgets.show({NAME!r}, steps=50)"))
    assert live.box.locator("img.tlbook-comparison").is_visible()
    assert "1 line(s) of the file could not be read" in live.box.inner_text()
    live.press("run")
    live.wait_for(r"^finished: 50 steps")
    live.settle()
    lines = path.read_text().splitlines()
    assert len(lines) == 3 and json.loads(lines[-1])["method"] == "MK-MMD"
    assert live.box.locator(".tlbook-table tbody tr").count() == 2
    page.screenshot(path=tmp_path / "again.png", full_page=True)
    assert page.problems == []
