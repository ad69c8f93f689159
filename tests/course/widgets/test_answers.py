"""Strips of states: where a widget's file has ``answers``, each state has its titled panel."""

from importlib import import_module

import pytest

from tlbook.course import widgets

STRIPS = [
    module
    for name in widgets.names()
    if hasattr(module := import_module(widgets.get(name).draw.__module__), "ANSWERS")
]


@pytest.mark.parametrize("module", STRIPS, ids=lambda m: m.__name__.rpartition(".")[2])
def test_a_strip_has_a_titled_panel_for_each_state(module):
    fig = module.answers()
    titles = [ax.get_title() or ax.get_title(loc="left") for ax in fig.axes]
    states = len(module.ANSWERS)
    assert states >= 3 and all(titles)
    assert len(titles) % states == 0, "each row has a panel for each state"
    assert len(set(titles[:states])) == states
    assert fig.alt
