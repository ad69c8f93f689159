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
    titles = [ax.get_title() for ax in fig.axes]
    assert 3 <= len(titles) == len(module.ANSWERS)
    assert all(titles) and len(set(titles)) == len(titles)
    assert fig.alt
