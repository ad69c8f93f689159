"""The chapter's widget: what it shows is what the world says."""

import numpy as np
import pytest

from tlbook.course import widgets
from tlbook.course.ch02_domains_tasks_shift.widget import shift_simulator
from tlbook.domains import ToyWorld

EXPERIMENT = widgets.get("shift_simulator")


def _result(**params):
    return shift_simulator.compute(**EXPERIMENT.parameters(**params))


def _lost(result, world="together"):
    errors = result.errors[world]
    return {rule: errors[rule] - errors["best"] for rule in shift_simulator.RULES}


def test_errors_are_those_of_the_rules_in_the_worlds():
    result = _result(covariate=0.4, label=0.6, concept=0.2, seed=1)
    worlds = {
        "source": ToyWorld(),
        "label": ToyWorld(label=0.6),
        "together": ToyWorld(0.4, 0.6, 0.2),
    }
    for name, world in worlds.items():
        for rule, model in result.rules.items():
            assert result.errors[name][rule] == pytest.approx(world.error(model.predict))
        assert result.errors[name]["best"] == pytest.approx(world.bayes_error)


@pytest.mark.parametrize("seed", range(5))
def test_what_the_chapter_teaches(seed):
    source = _lost(_result(covariate=0.0, seed=seed))
    covariate = _lost(_result(covariate=1.0, seed=seed))
    label = _lost(_result(covariate=0.0, label=1.0, seed=seed))
    concept = _lost(_result(covariate=0.0, concept=1.0, seed=seed))
    assert source["curved"] < 0.01 and source["straight"] < 0.05
    assert covariate["curved"] < 0.08 and covariate["straight"] > 0.25
    assert 0.02 < label["curved"] < 0.1 and 0.02 < label["straight"] < 0.12
    assert min(concept.values()) > 0.25


def test_concept_dial_does_not_show_while_labels_are_sealed():
    still = {"covariate": 0.3, "label": 0.0, "labels": False}
    one, two = _result(**still, concept=0.0), _result(**still, concept=1.0)
    np.testing.assert_array_equal(one.target.X, two.target.X)
    assert not np.array_equal(one.target.y, two.target.y)


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("dials", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)])
def test_every_corner_draws(dials, labels):
    covariate, label, concept = dials
    params = {"covariate": covariate, "label": label, "concept": concept, "labels": labels}
    fig = EXPERIMENT.figure(**params)
    assert fig.alt and len(fig.axes) == 3
    if labels and dials == (1, 0, 0):
        assert fig.alt.startswith("Covariate shift: only the curved rule holds")
    if not labels:
        assert "target labels can tell" in fig.alt and "%" not in fig.alt


@pytest.mark.slow
def test_same_settings_same_picture_and_a_new_sample_changes_it():
    assert EXPERIMENT.render() == EXPERIMENT.render()
    assert EXPERIMENT.render(seed=1) != EXPERIMENT.render()
