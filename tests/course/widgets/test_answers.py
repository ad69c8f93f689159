"""Strips of states: where a widget's file has ``answers``, each state has its titled panel."""

from importlib import import_module

import pytest

from tlbook.course import studies, widgets
from tlbook.course.results import stored

STRIPS = [
    module
    for name in widgets.names()
    if hasattr(module := import_module(widgets.get(name).draw.__module__), "ANSWERS")
]


@pytest.mark.slow
@pytest.mark.parametrize("module", STRIPS, ids=lambda m: m.__name__.rpartition(".")[2])
def test_a_strip_has_a_titled_panel_for_each_state(module):
    fig = module.answers()
    titles = [ax.get_title() or ax.get_title(loc="left") for ax in fig.axes]
    states = len(module.ANSWERS)
    assert states >= 3
    assert len(titles) % states == 0, "each row has a panel for each state"
    assert all(titles[:states]), "each state has its title, at least over its column"
    assert len(set(titles[:states])) == states
    assert fig.alt


def test_the_runs_of_the_bench_are_those_of_its_widget_and_say_what_the_strip_says():
    bench = import_module("tlbook.course.ch11_alignment.widget.experiment_bench")
    study = import_module(studies.module("alignment_bench"))
    runs = study.study.listed()
    assert [{k: run[k] for k in ("task", "method")} for run in runs] == [*bench.ANSWERS.values()]
    for run in runs:
        own = {bench.KNOBS[run["method"]][k].name: v for k, v in run["settings"].items()}
        shown = bench.EXPERIMENT.parameters(task=run["task"], method=run["method"], **own)
        assert bench.settings(**shown) == run["settings"]
        assert (shown["steps"], shown["seed"]) == (study.STEPS, study.SEED)
    a, b, _, d = (
        rows.iloc[-1] for _, rows in stored.load("alignment_bench").groupby("method", sort=False)
    )
    assert a.information > b.information and a.accuracy < b.accuracy
    assert d.entropy > -0.1 and d.accuracy == pytest.approx(2 / 3, abs=0.02)
