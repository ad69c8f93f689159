"""Coverage: exact for exchangeable rows, kept by weights under shift, lost without."""

import importlib

import numpy as np
import pytest

from tlbook.trust import conformal_threshold, prediction_sets, weighted_thresholds


def test_coverage_is_exactly_the_rank_over_all_positions():
    """Of n + 1 distinct scores each may be the new one: count the covered ones, no randomness."""
    for n, alpha in ((9, 0.1), (19, 0.1), (20, 0.1), (30, 0.25), (99, 0.05)):
        scores = np.random.default_rng(n).permutation(n + 1) / 7.0
        covered = [
            scores[i] <= conformal_threshold(np.delete(scores, i), alpha) for i in range(n + 1)
        ]
        assert 1 - alpha - 1e-12 <= np.mean(covered) < 1 - alpha + 1 / (n + 1)


def test_round_levels_are_not_spoilt_by_rounding():
    assert conformal_threshold(np.arange(1, 10), 0.1) == 9  # (9 + 1) · 0.9 = 9 exactly
    assert conformal_threshold(np.arange(1, 100), 0.05) == 95
    assert conformal_threshold(np.arange(1, 9), 0.1) == np.inf


def test_weighted_thresholds_by_the_definition():
    rng = np.random.default_rng(0)
    scores, w, new = rng.normal(size=30), rng.exponential(size=30), rng.exponential(size=50) * 3
    for q, own in zip(weighted_thresholds(scores, w, new, 0.2), new, strict=True):
        total = w.sum() + own
        reached = [s for s in np.sort(scores) if w[scores <= s].sum() / total >= 0.8]
        assert q == (reached[0] if reached else np.inf)


def test_equal_weights_give_the_plain_threshold_whatever_their_scale():
    scores = np.random.default_rng(1).normal(size=47)
    for alpha in (0.05, 0.1, 0.3):
        found = weighted_thresholds(scores, np.full(47, 3.0), [3.0], alpha)
        assert found[0] == conformal_threshold(scores, alpha)
    w, new = np.arange(47.0), np.arange(5.0)
    again = weighted_thresholds(scores, 1000 * w, 1000 * new)
    assert np.array_equal(again, weighted_thresholds(scores, w, new))


def shifted(shift, seed, n=400, m=400):
    """Regression with noise that grows with x; source N(0, 1), target N(shift, 1), true weights."""
    rng = np.random.default_rng(seed)
    xs, xt = rng.normal(size=n), rng.normal(loc=shift, size=m)
    scores, new = (abs((0.5 + abs(x)) * rng.normal(size=len(x))) for x in (xs, xt))
    return scores, new, np.exp(shift * xs), np.exp(shift * xt)


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0, 1.5])
def test_weights_keep_the_promise_in_200_repetitions_and_plain_sets_break_it(shift):
    plain, weighted, forgetful = [], [], []
    for seed in range(200):
        scores, new, w, w_new = shifted(shift, 1000 + seed)
        plain.append((new <= conformal_threshold(scores)).mean())
        weighted.append((new <= weighted_thresholds(scores, w, w_new)).mean())
        forgetful.append((new <= weighted_thresholds(scores, w, 0 * w_new)).mean())
    error = np.std(weighted, ddof=1) / np.sqrt(200)
    # At least 90 %, and above only by the mass of one row at a time.
    assert -3 * error < np.mean(weighted) - 0.9 < 0.02 + 3 * error
    assert np.mean(forgetful) <= np.mean(weighted)
    if shift:
        assert np.mean(plain) < 0.9 - 3 * np.std(plain, ddof=1) / np.sqrt(200)


def test_far_away_every_answer_stays_possible():
    scores, _, w, w_new = shifted(4.0, 0)
    assert np.isinf(weighted_thresholds(scores, w, w_new)).mean() > 0.5


def drawn(n, seed, k=4):
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.ones(k), size=n)
    return P, (P.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(max=k - 1)


@pytest.mark.parametrize("score", ["least ambiguous", "adaptive"])
def test_sets_of_classes_cover_and_equal_brute_force(score):
    (P, y), (Q, z) = drawn(500, 0), drawn(4000, 1)
    found = prediction_sets(P, y, Q, 0.2, score=score)
    assert found.coverage(z) == pytest.approx(0.8, abs=0.05)
    assert found.infinite == 0

    def odd(p, c):
        return 1 - p[c] if score == "least ambiguous" else p[p >= p[c]].sum()

    q = np.sort([odd(p, c) for p, c in zip(P, y, strict=True)])[int(np.ceil(501 * 0.8)) - 1]
    brute = np.array([[odd(p, c) <= q + 1e-12 for c in range(4)] for p in Q[:200]])
    assert np.array_equal(found.sets[:200], brute)
    assert np.array_equal(found.sizes, found.sets.sum(axis=1))


def test_sets_equal_mapie():
    """The split conformal classifier of a well-kept library, on the same probabilities."""
    mapie = importlib.import_module("mapie.classification")
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    y = np.arange(900) % 3
    X = np.eye(3)[y] + rng.normal(size=(900, 3))
    model = LogisticRegression().fit(X[:300], y[:300])
    other = mapie.SplitConformalClassifier(
        model, confidence_level=0.9, conformity_score="lac", prefit=True
    )
    sets = other.conformalize(X[300:600], y[300:600]).predict_set(X[600:])[1][:, :, 0]
    P, Q = model.predict_proba(X[300:600]), model.predict_proba(X[600:])
    assert np.array_equal(prediction_sets(P, y[300:600], Q, 0.1).sets, sets)


def test_label_shift_is_mended_by_class_weights():
    """Class 0 is hard and becomes frequent: plain sets miss it, class weights do not."""
    plain, weighted = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)

        def rows(share, n, rng=rng):
            y = (rng.random(n) >= share).astype(int)
            p = rng.beta(np.where(y == 0, 1.2, 8), 1)  # probability of the true class
            return np.where(y[:, None] == [0, 1], p[:, None], 1 - p[:, None]), y

        (P, y), (Q, z) = rows(0.1, 500), rows(0.7, 500)
        ratio = np.array([0.7 / 0.1, 0.3 / 0.9])
        plain.append(prediction_sets(P, y, Q).coverage(z))
        # a new row's weight depends on the class that is tried: take the larger, which is safe
        found = prediction_sets(P, y, Q, weights=ratio[y], new_weights=np.full(500, ratio.max()))
        weighted.append(found.coverage(z))
    assert np.mean(plain) < 0.85
    assert 0.9 - 3 * np.std(weighted) / np.sqrt(40) < np.mean(weighted) < 0.95


def test_bad_input_is_named():
    P, y = drawn(20, 0)
    with pytest.raises(ValueError, match=r"^alpha: got 1"):
        conformal_threshold([1.0], 1)
    with pytest.raises(ValueError, match=r"^scores: got 0 rows"):
        conformal_threshold([])
    with pytest.raises(ValueError, match=r"^weights: got 2, want 3"):
        weighted_thresholds([1, 2, 3], [1, 1], [1])
    with pytest.raises(ValueError, match=r"^new_weights: got negative"):
        weighted_thresholds([1, 2], [1, 1], [-1])
    with pytest.raises(ValueError, match=r"^weights: got only zeros"):
        weighted_thresholds([1, 2], [0, 0], [1])
    with pytest.raises(ValueError, match=r"^new_weights: got None"):
        prediction_sets(P, y, P, weights=np.ones(20))
    with pytest.raises(ValueError, match=r"^new_weights: got 3, want 20"):
        prediction_sets(P, y, P, weights=np.ones(20), new_weights=np.ones(3))
    with pytest.raises(ValueError, match=r"^new_posteriors: got 3 classes, want 4"):
        prediction_sets(P, y, np.full((2, 3), 1 / 3))
    with pytest.raises(ValueError, match=r"^y: got labels that are no column"):
        prediction_sets(P, y + 1, P)
    with pytest.raises(ValueError, match=r"^score: got 'best'"):
        prediction_sets(P, y, P, score="best")
