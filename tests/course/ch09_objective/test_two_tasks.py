"""Two tasks on one unit: the training finds the eigenvector, and the unit acts as a weight."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from tlbook.course.ch09_objective.two_tasks import (
    DIRECTIONS,
    best_compromise,
    trained_compromise,
    white_inputs,
)


def test_the_inputs_are_white():
    X = white_inputs(50, seed=3).astype(float)
    assert X.mean(0) == pytest.approx(np.zeros(4), abs=1e-6)
    assert np.allclose(X.T @ X / 50, np.eye(4), atol=1e-5)


@pytest.mark.parametrize("weight", [0.1, 1.0, 7.0])
def test_the_eigenvector_against_a_search_over_angles(weight):
    def total(angle):
        v = np.array([np.cos(angle), np.sin(angle), 0, 0])
        errors = 1 - (DIRECTIONS @ v) ** 2
        return errors[0] + weight * errors[1]

    best = minimize_scalar(total, bounds=(0, np.pi / 2), method="bounded")
    found = best_compromise(weight)
    assert found[0] + weight * found[1] == pytest.approx(best.fun, abs=1e-8)


def test_the_limits():
    assert best_compromise(0.0) == pytest.approx([0, 0.75])
    assert best_compromise(1e9) == pytest.approx([0.75, 0])
    assert best_compromise(1.0) == pytest.approx([0.25, 0.25])
    assert best_compromise(0.01, unit=10) == pytest.approx(best_compromise(1.0))


@pytest.mark.parametrize(("weight", "unit"), [(1.0, 1.0), (3.0, 1.0), (0.01, 10.0)])
def test_the_training_ends_there(weight, unit):
    assert trained_compromise(weight, unit) == pytest.approx(
        best_compromise(weight, unit), abs=0.01
    )


def test_learned_weights_drop_one_task_and_the_unit_says_which():
    one, ten = trained_compromise(None, 1.0), trained_compromise(None, 10.0)
    assert min(one) < 0.02 and max(one) > 0.7
    assert min(ten) < 0.02 and max(ten) > 0.7
    assert one.argmin() != ten.argmin()


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: white_inputs(3), "n"),
        (lambda: best_compromise(-1.0), "weight"),
        (lambda: best_compromise(np.nan), "weight"),
        (lambda: best_compromise(1.0, 0.0), "unit"),
        (lambda: trained_compromise(1.0, -1.0), "unit"),
    ],
)
def test_bad_input_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()
