"""The rows of the chapter: private and test apart, weights true, prepared by public rows only."""

import numpy as np
import pytest

from tlbook.course.ch18_trust import bells, cases, coverage, federation, private


def test_private_and_test_digits_are_all_digits_once():
    d = cases.digits(0, 1000)
    assert d.X.shape == (1000, 64) and len(d.test_X) == 797
    assert d.X.min() == 0 and d.X.max() == 1
    assert not np.array_equal(d.y, cases.digits(1, 1000).y)


def test_the_ratio_is_that_of_the_two_densities():
    x = np.random.default_rng(0).normal(size=200_000)
    w = cases.ratio(0.8, x)
    assert w.mean() == pytest.approx(1, abs=0.02)
    assert (w * x).mean() == pytest.approx(0.8, abs=0.03)


def test_a_concept_shift_leaves_the_inputs_as_they_are():
    plain, moved = cases.shifted(0.0, 3), cases.shifted(0.0, 3, slope=1.0)
    assert np.array_equal(plain.new_x, moved.new_x)
    assert moved.new_scores.mean() > plain.new_scores.mean()


def test_rows_are_prepared_without_a_look_at_the_private_ones():
    rng = np.random.default_rng(0)
    public, own, test = (rng.normal(size=(n, 40)) for n in (300, 50, 20))
    y = np.arange(50) % 10
    found = private.prepare(public, own, y, test, y[:20])
    other = private.prepare(public, 5 * own, y, test, y[:20])
    assert np.allclose(found.test_X, other.test_X)
    assert np.median(np.linalg.norm(found.X, axis=1)) == pytest.approx(1, abs=0.2)
    assert private.accuracy(found, np.inf, 0) >= 0
    with pytest.raises(ValueError, match=r"^task: got 'x'"):
        private.prepared("x", "pixels", 0)


def test_clients_share_all_rows():
    d = cases.digits(0, 1000)
    for split in federation.SPLITS:
        parts = federation.clients(d.X, d.y, split, 0)
        assert sum(len(y) for _, y in parts) == 1000
    parts = federation.clients(d.X, d.y, "two digits each", 0)
    assert [sorted(set(y)) for _, y in parts] == [[2 * k, 2 * k + 1] for k in range(5)]
    with pytest.raises(ValueError, match=r"^split: got 'odd'"):
        federation.clients(d.X, d.y, "odd", 0)
    with pytest.raises(ValueError, match=r"^start: got 'warm'"):
        federation.model("warm", 0)


def test_the_bells_know_their_posterior():
    x, y = bells.draw(60_000, bells.SHIFTED, 0)
    P = bells.posteriors(x, bells.SHIFTED)
    assert P.mean(axis=0) == pytest.approx(bells.SHIFTED, abs=0.01)
    assert (P.argmax(axis=1) == y).mean() == pytest.approx(P.max(axis=1).mean(), abs=0.01)


def test_thresholds_of_each_kind_of_weights():
    rows = cases.shifted(2.0, 5)
    plain, true, out = (coverage.thresholds(rows, 2.0, coverage.WEIGHTS[i]) for i in (0, 1, 3))
    assert len(np.unique(plain)) == 1 and np.isinf(true).any() and np.isfinite(out).all()
    measured = coverage.measured(rows, 2.0, "true")
    assert measured["infinite"] == np.isinf(true).mean()
    with pytest.raises(ValueError, match=r"^weights: got 'false'"):
        coverage.thresholds(rows, 2.0, "false")
