"""Every experiment in a real browser: each control to both ends, the picture follows, no error."""

import statistics

import pytest

from tests.browser import axe
from tests.browser.live import SMALLEST, Live
from tlbook.course import widgets
from tlbook.course.widgets import Choice, Slider
from tlbook.course.widgets.live_experiment import LiveExperiment

# Of an experiment that trains each picture is a whole run, watched to its end.
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


def is_slider(control):
    return isinstance(control, Slider) or (isinstance(control, Choice) and control.slider)


def accessible(live, folder) -> list[str]:
    """Return what is wrong for other eyes and ears, by light and dark, with text small and large.

    The window is that of a projector with the side bar closed.
    """
    page, box = live.page, f".tlbook-live.tlbook-{live.experiment.name}"
    start = live.reset()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    output = f".jp-OutputArea-output:has({box})"
    wrong = axe.findings(page, output)
    wrong += [f"no name or raw value: {s}" for s in live.names() if s["name"] != s["label"]]
    wrong += [f"spoken as {s}" for s in live.names() if s["says"] != s["shown"]]
    assert live.image.get_attribute("alt").startswith(live.experiment.title)
    for large in (False, True):
        assert (live.enlarge(large) != start) == large, "large text draws another picture"
        seen = live.box.evaluate(SMALLEST)
        if seen["least"][0] < 10 or seen["scale"] < 0.999:
            wrong.append(f"smaller than 10 points: {seen}")
        wrong += [f"cut: {words}" for words in seen["cut"]]
        page.screenshot(path=folder / f"{'large' if large else 'projector'}.png", full_page=True)
    live.night(True)
    night = live.box.locator("img.tlbook-night").first
    assert night.is_visible() and not live.image.is_visible()
    assert night.get_attribute("alt") == live.image.get_attribute("alt")
    wrong += axe.findings(page, output)
    page.screenshot(path=folder / "night.png", full_page=True)
    live.night(False)
    assert live.enlarge(False) == start
    return wrong


@pytest.mark.parametrize("name", widgets.names())
def test_every_control_moves_the_picture(name, lab, page, tmp_path, capsys):
    experiment = widgets.get(name)
    live = Live(page, experiment)
    live.open(lab.notebook(f"from tlbook.course import widgets\nwidgets.show({name!r})"))
    start = live.picture()
    assert not page.locator(".jp-RenderedImage img").is_visible(), "the static picture shows too"
    page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    for control in experiment.controls:
        assert live.reset() == start, f"Reset does not bring the start back ({control.name})"
        if not live.control(control).is_visible():
            continue  # it belongs to another choice than the one at the start
        ends = []
        for end in (0, 1):
            ends.append(live.move(control, end))
            want = experiment.render(**{control.name: control.ends()[end]})
            assert ends[-1] == want, f"{control.name} at {control.ends()[end]}: another picture"
        changed = ends[0] != ends[1] and any(picture != start for picture in ends)
        assert changed or control.unchanged, f"{control.name} moves, the picture does not"
        assert not live.box.get_by_role("alert").is_visible()
    assert not accessible(live, tmp_path)
    assert page.problems == []

    slider = next((c for c in experiment.controls if is_slider(c)), None)
    if slider is not None and getattr(experiment, "at_once", True):
        presses = 2 if isinstance(experiment, LiveExperiment) else 12
        delays = live.delays(slider, presses=presses)
        assert delays, "the slider brings no new picture"
        with capsys.disabled():
            print(
                f"\n  {name}: slider to picture, median {statistics.median(delays):.0f} ms", end=""
            )
