"""The toy shift: one dial changes one thing, and the widget's states say what the chapter says."""

import numpy as np
import pytest

from tlbook.course.ch20_clinic_and_faq.toy_shift import SHIFTS, toy_shift
from tlbook.course.ch20_clinic_and_faq.widget.report_dial import ANSWERS, EXPERIMENT, compute

N = 4000


@pytest.mark.parametrize("kind", SHIFTS)
def test_size_zero_is_no_shift_and_a_seed_repeats(kind):
    one, two = toy_shift(kind, 0.0, N, 30, seed=3), toy_shift(kind, 0.0, N, 30, seed=3)
    assert np.array_equal(one.target, two.target) and len(one.labeled[1]) == 30
    assert np.allclose(one.target.mean(0), one.source[0].mean(0), atol=0.1)
    assert np.allclose(one.target.std(0), one.source[0].std(0), atol=0.1)
    assert toy_shift(kind, 0.0, N).labeled is None


def test_each_dial_changes_what_it_says():
    mixed = toy_shift("the class mix", 1.0, N)
    assert mixed.test[1].mean() == pytest.approx(0.95, abs=0.02)
    moved = toy_shift("zero and unit of the inputs", 1.0, N)
    assert np.allclose(moved.target.std(0) / moved.source[0].std(0), [1.4, 0.7], atol=0.05)
    relabeled = toy_shift("the answers", 1.0, N)
    assert np.allclose(relabeled.target.mean(0), relabeled.source[0].mean(0), atol=0.1)
    turned = toy_shift("the direction of the inputs", 1.0, N)
    lengths = [np.linalg.norm(X, axis=1).mean() for X in (turned.target, turned.source[0])]
    assert lengths[0] == pytest.approx(lengths[1], abs=0.05)


def test_a_selection_keeps_the_answers():
    """Near one point the share of class 1 is the same in the selection."""
    task = toy_shift("which inputs are frequent", 0.6, 20_000)
    X, y = task.source
    Xt, yt = task.test
    near = [np.abs(rows.sum(axis=1)) < 0.5 for rows in (X, Xt)]
    assert y[near[0]].mean() == pytest.approx(yt[near[1]].mean(), abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("weather", 0.5), "kind: got 'weather'"),
        (("nothing", 2.0), "size: got 2.0"),
        (("nothing", 0.5, 0), "n: got 0"),
        (("nothing", 0.5, 10, -1), "labeled: got -1"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        toy_shift(*arguments)


@pytest.mark.slow
def test_the_states_of_the_strip_say_what_the_chapter_says():
    a, b, c, d = (compute(**EXPERIMENT.parameters(**state)) for state in ANSWERS.values())
    assert a.found.advice.remedy == "scaling per domain" and a.gains["scaling per domain"] > 10
    assert not b.found.advice.adapt and max(b.gains.values()) > 10
    assert c.found.kind == "moved or selected inputs" and not c.found.advice.adapt
    assert c.gains["scaling per domain"] < -30  # what an advice would have cost
    assert d.found.kind == "covariate shift" and not d.found.advice.adapt
    assert d.scores["none"] > 95 and d.found.headline.value > 85
