"""Every experiment that answers at once: both ends of every control, and no picture by chance."""

from functools import cache

import pytest

from tlbook.course import widgets
from tlbook.course.widgets.live_experiment import LiveExperiment

pytestmark = pytest.mark.slow

ALL = {name: widgets.get(name) for name in widgets.names()}
AT_ONCE = {name: one for name, one in ALL.items() if not isinstance(one, LiveExperiment)}
EVERY_CONTROL = [(name, control) for name, one in AT_ONCE.items() for control in one.controls]
SAID = {"base_cutter": "%", "freeze_bench": "points", "rate_finder": "% right"}
"""What the description of each picture of an experiment has in it."""


@cache
def start(name):
    return AT_ONCE[name].render()


@pytest.mark.parametrize(
    ("name", "control"), EVERY_CONTROL, ids=[f"{name}-{c.name}" for name, c in EVERY_CONTROL]
)
def test_both_ends_of_a_control_give_two_pictures_that_differ_from_the_start(name, control):
    pictures = [AT_ONCE[name].render(**{control.name: end}) for end in control.ends()]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    if not control.unchanged:
        assert pictures[0] != pictures[1]
        for end, picture in zip(control.ends(), pictures, strict=True):
            assert end == control.initial or picture != start(name)


@pytest.mark.parametrize("name", AT_ONCE)
def test_all_controls_at_the_same_end_give_a_described_picture(name):
    experiment = AT_ONCE[name]
    for which in (0, 1):
        ends = {control.name: control.ends()[which] for control in experiment.controls}
        described = experiment.picture(**ends).alt
        assert described and SAID.get(name, "") in described


@pytest.mark.parametrize("name", AT_ONCE)
def test_the_same_settings_give_the_same_picture(name):
    assert AT_ONCE[name].render() == start(name)
