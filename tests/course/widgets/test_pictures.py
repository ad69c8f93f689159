"""Every experiment that answers at once: both ends of every control, and no picture by chance."""

from functools import cache

import pytest

from tests.course.widgets.looks import complaints
from tlbook.course import widgets
from tlbook.course.widgets.experiment import LIVE_DPI
from tlbook.course.widgets.live_experiment import LiveExperiment
from tlbook.plots import png

pytestmark = pytest.mark.slow

ALL = {name: widgets.get(name) for name in widgets.names()}
AT_ONCE = {name: one for name, one in ALL.items() if not isinstance(one, LiveExperiment)}
EVERY_CONTROL = [(name, control) for name, one in AT_ONCE.items() for control in one.controls]
SAID = {"base_cutter": "%", "freeze_bench": "points", "rate_finder": "% right"}
"""What the description of each picture of an experiment has in it."""


def readable(fig):
    """Return the picture of a figure about which there is nothing to complain."""
    assert complaints(fig) == []
    picture = png(fig, dpi=LIVE_DPI)
    assert picture.startswith(b"\x89PNG")
    return picture


@cache
def start(name):
    return readable(AT_ONCE[name].figure())


def at_end(name, control, end):
    if end == control.initial:
        return start(name)
    return readable(AT_ONCE[name].figure(**{control.name: end}))


@pytest.mark.parametrize(
    ("name", "control"), EVERY_CONTROL, ids=[f"{name}-{c.name}" for name, c in EVERY_CONTROL]
)
def test_both_ends_of_a_control_give_two_pictures_that_differ_from_the_start(name, control):
    pictures = [at_end(name, control, end) for end in control.ends()]
    if not control.unchanged:
        assert pictures[0] != pictures[1]
        for end, picture in zip(control.ends(), pictures, strict=True):
            assert end == control.initial or picture != start(name)


@pytest.mark.parametrize("name", AT_ONCE)
def test_all_controls_at_the_same_end_give_a_described_picture(name):
    experiment = AT_ONCE[name]
    for which in (0, 1):
        ends = {control.name: control.ends()[which] for control in experiment.controls}
        result = experiment.compute(**experiment.parameters(**ends))
        described = experiment.picture_of(result).alt
        assert described and SAID.get(name, "") in described
        assert complaints(experiment.figure_of(result)) == []
        assert complaints(experiment.figure_of(result, large=True)) == []


@pytest.mark.parametrize("name", ALL)
def test_large_text_is_large_and_has_room(name):
    result = ALL[name].compute(**ALL[name].defaults())
    small, large = (ALL[name].figure_of(result, large) for large in (False, True))
    assert complaints(small) == [] and complaints(large) == []
    # On the page of a projector, which is as wide as the large picture.
    assert large.get_suptitle() and large.get_size_inches()[0] <= 11.5
    grown = large._suptitle.get_fontsize() / small._suptitle.get_fontsize()
    assert 1.04 < grown <= ALL[name].large_text + 1e-9


@pytest.mark.parametrize("name", AT_ONCE)
def test_the_same_settings_give_the_same_picture(name):
    assert AT_ONCE[name].render() == start(name)
