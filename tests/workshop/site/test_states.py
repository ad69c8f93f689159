"""The settings that a page stores: both ends of every control first, then a sparse grid."""

import pytest

from tlbook.course import widgets
from tlbook.course.widgets import Choice, Experiment, Slider, Toggle
from tlbook.workshop.site.states import chosen, levels


@pytest.mark.slow  # loads every experiment
@pytest.mark.parametrize("name", widgets.names())
def test_every_control_reaches_both_ends_where_it_is_shown(name):
    experiment = widgets.get(name)
    states = chosen(experiment, most=30)
    assert states[0] == experiment.defaults()
    assert all(experiment.parameters(**state) == state for state in states)
    for control in experiment.controls:
        when = getattr(control, "when", None)
        shown = [s for s in states if when is None or s[when[0]] == when[1]]
        values = [state[control.name] for state in shown]
        assert all(end in values for end in control.ends()), control.name


def test_levels_halve_the_gaps_and_hold_every_place_once():
    found = levels(Slider("x", "X", 0, 1, 0.125, 0.25))
    assert found[:2] == [[0.25], [0.0, 1.0]]
    assert sorted(place for level in found for place in level) == [k / 8 for k in range(9)]


def toy(*controls):
    return Experiment("toy", "Toy?", dict, lambda result, fig: fig, controls)


def test_pairs_come_after_single_moves_and_nothing_comes_twice():
    states = chosen(toy(Slider("x", "X", 0, 4, 1, 0, kind="int"), Toggle("y", "Y")), most=99)
    assert len({tuple(state.values()) for state in states}) == len(states) == 10
    moved = [(state["x"] > 0) + state["y"] for state in states]
    assert moved[:3] == [0, 1, 1]


def test_a_hidden_control_stays_at_its_start():
    hidden = Slider("w", "W", 0, 4, 1, 0, when=("y", "b"))
    states = chosen(toy(Choice("y", "Y", ("a", "b")), hidden), most=99)
    assert all(state["w"] == 0 for state in states if state["y"] == "a")
    assert {state["w"] for state in states if state["y"] == "b"} == {0, 1, 2, 3, 4}
