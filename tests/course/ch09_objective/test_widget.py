"""The chapter's widget: its numbers are expectations, its stories hold, its pictures change."""

import numpy as np
import pytest

from tlbook.course.ch09_objective.bounds import best_weight
from tlbook.course.ch09_objective.exact import SquaredLoss, minimize
from tlbook.course.ch09_objective.waves import wave, waves
from tlbook.course.ch09_objective.widget.objective_dials import (
    EXPERIMENT,
    LAMBDAS,
    N_SOURCE,
    NOISE,
    SOURCE,
    compute,
)

START = EXPERIMENT.defaults()


def result(**changes):
    return compute(**(START | changes))


def test_the_errors_are_those_of_many_draws():
    r = result(weight=3.0, phase=60.0)
    rows, rng = waves(60, N_SOURCE, 12, 0), np.random.default_rng(5)
    found = []
    for _ in range(1500):
        L_S, L_T = rows.source.with_noise(NOISE, rng), rows.target.with_noise(NOISE, rng)
        theta, alone = minimize(L_S, L_T, 3.0, START["omega"]), minimize(None, L_T, 1, 0.01)
        found.append([((t - rows.target_truth) ** 2).sum() for t in (theta, alone)])
    both, alone = np.mean(found, 0)
    assert r.here[1] == pytest.approx(both, rel=0.06)
    assert r.target_alone == pytest.approx(alone, rel=0.08)


def test_the_fitted_curve_is_the_minimizer_of_the_rows_that_are_shown():
    r = result(weight=2.0, omega=0.5)
    L_S = SquaredLoss.from_rows(r.rows.source.A, r.source_y)
    L_T = SquaredLoss.from_rows(r.rows.target.A, r.target_y)
    assert r.theta == pytest.approx(minimize(L_S, L_T, 2.0, 0.5))
    near = result(weight=2.0, omega=10.0, pull=SOURCE)
    assert np.linalg.norm(near.theta - minimize(L_S)) < 0.2 * np.linalg.norm(minimize(L_S))


def test_the_dial_sits_on_the_curve():
    r = result(weight=1.0)
    at = int(np.argmin(np.abs(np.log(LAMBDAS))))
    assert LAMBDAS[at] == pytest.approx(1)
    assert r.here == pytest.approx((r.source_risk[at], r.target_risk[at]))


def test_the_story_of_the_chapter():
    best = [LAMBDAS[result(n_target=n).target_risk.argmin()] for n in (3, 12, 50)]
    assert best == sorted(best) and best[2] > 5 * best[0]
    gap = float(np.linalg.norm(wave(30) - wave(0)))
    assert best[2] == pytest.approx(best_weight(gap, NOISE, N_SOURCE, 50, 8), rel=0.6)
    same = result(phase=0.0)
    assert same.target_risk[-1] > 10 * same.target_risk.min()
    # (c) an upside-down source "helps" an untuned learner and hurts a tuned one
    loose, tight = (result(phase=180.0, weight=10.0, omega=w) for w in (0.01, 0.1))
    assert loose.here[1] < 0.95 * loose.target_alone
    assert tight.here[1] > 1.05 * tight.target_alone
    assert "helps" in EXPERIMENT.picture(phase=180.0, weight=10.0).alt
    assert "negative transfer" in EXPERIMENT.picture(phase=180.0, weight=10.0, omega=0.1).alt
    # (d) a strong pull to zero costs both domains, (e) one to the source keeps the source
    flat, held = result(omega=10.0), result(omega=10.0, pull=SOURCE)
    assert flat.here[0] > 3 * result().here[0] and flat.here[1] > 3 * result().here[1]
    assert held.here[0] < result().here[0]
