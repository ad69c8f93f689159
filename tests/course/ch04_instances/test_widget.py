"""The chapter's widget: its numbers against closed forms, its pictures at every end."""

import numpy as np
import pytest

from tlbook.course.ch04_instances.widget.weighted_regression import (
    EXPERIMENT,
    best_line,
    compute,
    fit_line,
    line_error,
    true_ratio,
    truth,
)

START = EXPERIMENT.defaults()


def result(**changes):
    return compute(**(START | changes))


def test_the_ratio_is_that_of_the_two_densities():
    rng = np.random.default_rng(0)
    x = rng.normal(0.5, 0.5, 400_000)
    for shift in (0.0, 1.0, 1.5):
        w = true_ratio(x, shift)
        assert w.mean() == pytest.approx(1, abs=0.02)
        assert (w * x).mean() == pytest.approx(0.5 - 0.5 * shift, abs=0.02)
        assert (w * x**2).mean() == pytest.approx(0.09 + (0.5 - 0.5 * shift) ** 2, abs=0.03)


def test_lines_and_errors_against_large_samples():
    rng = np.random.default_rng(0)
    w, x = rng.gamma(1, size=50), rng.normal(size=50)
    y = rng.normal(size=50)
    want = np.polyfit(x, y, 1, w=np.sqrt(w))
    assert fit_line(x, y, w) == pytest.approx(tuple(want))
    x = rng.normal(0.5 - 0.5 * 1.5, 0.3, 1_000_000)
    assert best_line(1.5) == pytest.approx(tuple(np.polyfit(x, truth(x), 1)), abs=0.01)
    labels = truth(x) + rng.normal(0, 0.4, len(x))
    error = np.sqrt(np.mean((0.3 * x + 1 - labels) ** 2))
    assert line_error((0.3, 1.0), 1.5, 0.4) == pytest.approx(error, rel=2e-3)


def test_the_story_of_the_chapter():
    for method in ("KMM", "KLIEP", "classifier ratio", "true ratio"):
        found = [result(method=method, seed=s) for s in range(4)]
        before, after = (np.mean([r.errors[k] for r in found]) for k in ("unweighted", "weighted"))
        assert after < 0.65 * before
        assert all(r.errors["best"] <= r.errors["weighted"] for r in found)
    far = [result(method="true ratio", shift=3.0, seed=s) for s in range(16)]
    assert np.mean([r.errors["weighted"] - r.errors["unweighted"] for r in far]) > 0.1
    assert np.median([r.ess for r in far]) < 8


def test_ridge_and_bound_act_on_the_weights():
    assert result(bound=3.0).weights.max() <= 3
    assert result().ess > 1.5 * result(ridge=False).ess
    assert np.allclose(result(bound=1.0).weights, 1)


def test_kliep_without_overlap_says_so():
    r = result(method="KLIEP", shift=4.0, bandwidth=0.1)
    picture = EXPERIMENT.picture(method="KLIEP", shift=4.0, bandwidth=0.1)
    assert (r.failed == "") == ("no overlap" not in picture.alt)
