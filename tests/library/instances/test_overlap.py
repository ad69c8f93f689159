"""Effective sample size, overlap diagnostics, selection, weighted validation, conventions."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression

from tlbook import data
from tlbook.distances import mmd2
from tlbook.instances import (
    KLIEP,
    KMM,
    DensityRatio,
    LabelShift,
    OverlapWarning,
    TrAdaBoost,
    effective_sample_size,
    overlap_report,
    select_similar,
    weighted_cv_error,
)
from tlbook.instances.overlap import outside_share


def gaussians(n=300, m=300, seed=0, shift=0.5, d=2, scale=1.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(shift, scale, size=(m, d))


# -- effective sample size ------------------------------------------------------------------------


def test_effective_sample_size():
    assert effective_sample_size(np.ones(7)) == pytest.approx(7)
    assert effective_sample_size([0, 0, 5.0]) == pytest.approx(1)
    assert effective_sample_size([3, 1]) == pytest.approx(16 / 10)
    w = np.random.default_rng(0).gamma(1, size=50)
    assert effective_sample_size(w) == pytest.approx(50 / (1 + (w / w.mean()).var()))
    assert effective_sample_size(1e200 * w) == pytest.approx(effective_sample_size(w))


def test_it_is_what_the_variance_of_a_weighted_mean_says():
    rng = np.random.default_rng(0)
    w = rng.gamma(0.5, size=40)
    means = rng.normal(size=(20_000, 40)) @ w / w.sum()
    assert 1 / means.var() == pytest.approx(effective_sample_size(w), rel=0.05)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1, -1], "weights: got -1, want none below 0"),
        ([0, 0], "weights: got zeros only"),
        ([np.nan, 1], "NaN"),
        ([], "weights: got 0 rows"),
        ([[1, 2]], "weights: got shape"),
    ],
)
def test_bad_weights(weights, words):
    with pytest.raises(ValueError, match=words):
        effective_sample_size(weights)


# -- overlap ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_equal_domains_raise_no_alarm(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = overlap_report(*gaussians(seed=seed, shift=0.0))
    assert report.ok and report.problems == ()
    assert abs(report.domain_auc - 0.5) < 0.1 and report.ess > 250
    assert report.outside < 0.05 and report.top_share < 0.05
    assert "nothing speaks against weighting" in str(report)


def test_a_moderate_shift_raises_no_alarm():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = overlap_report(*gaussians(shift=0.5))
    assert report.ok and 0.6 < report.domain_auc < 0.9


def test_no_overlap_raises_the_alarm():
    with pytest.warns(OverlapWarning, match=r"AUC 1\.00.*lies where the source has no rows"):
        report = overlap_report(*gaussians(shift=5.0))
    assert not report.ok and len(report.problems) >= 3
    assert report.outside > 0.9 and report.ess < 30
    assert str(report).count("✗") == len(report.problems)
    assert issubclass(OverlapWarning, UserWarning)


def test_the_warning_can_be_caught_and_switched_off():
    Xs, Xt = gaussians(shift=5.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not overlap_report(Xs, Xt, warn=False).ok
        with pytest.raises(OverlapWarning):
            overlap_report(Xs, Xt)


def test_the_report_judges_the_weights_it_is_given():
    Xs, Xt = gaussians(shift=0.0)
    one = np.zeros(300)
    one[:4] = 1
    report = overlap_report(Xs, Xt, one, warn=False)
    assert report.ess == pytest.approx(4) and report.top_share == pytest.approx(0.75)
    assert len(report.problems) == 2
    with pytest.raises(ValueError, match="weights: got 3, want 300"):
        overlap_report(Xs, Xt, np.ones(3))
    with pytest.raises(ValueError, match="Xt: got rows of shape"):
        overlap_report(Xs, Xt[:, :1])
    with pytest.raises(ValueError, match="Xs: got 3 rows, want at least 6"):
        overlap_report(Xs[:3], Xt)


def test_outside_share_of_a_known_case():
    grid = np.linspace(0, 1, 200)[:, None]
    target = np.concatenate([np.full((30, 1), 0.5), np.full((70, 1), 2.0)])
    assert outside_share(grid, target) == pytest.approx(0.7)
    assert outside_share(grid, grid) <= 0.03
    rates = [outside_share(*gaussians(seed=s, shift=0.0)) for s in range(10)]
    assert np.mean(rates) == pytest.approx(0.01, abs=0.01)


def test_a_narrow_target_inside_the_source_is_no_problem():
    Xs, Xt = gaussians(shift=0.0, scale=0.4)
    assert overlap_report(Xs, Xt, KMM(B=10, ridge=1).fit(Xs, Xt).weights_, warn=False).ok


# -- selection -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["matching", "ratio", "distance"])
def test_selected_rows_are_more_like_the_target(by):
    Xs, Xt = gaussians(400, 200, shift=1.0)
    rows = select_similar(Xs, Xt, 80, by)
    assert rows.shape == (80,) and len(set(rows)) == 80
    rng = np.random.default_rng(0)
    some = mmd2(Xs[rng.permutation(400)[:80]], Xt)
    assert mmd2(Xs[rows], Xt) < 0.5 * some
    assert np.array_equal(select_similar(Xs, Xt, 20, by), rows[:20])


def test_matching_keeps_the_spread_and_the_tip_does_not():
    Xs, Xt = gaussians(600, 300, shift=0.7, d=1)
    matched, tip = (Xs[select_similar(Xs, Xt, 150, by)] for by in ("matching", "ratio"))
    assert abs(matched.mean() - Xt.mean()) < 0.1 and matched.std() > 0.75 * Xt.std()
    assert tip.std() < 0.6 * Xt.std() and tip.mean() > Xt.mean() + 0.3


def test_greedy_matching_takes_the_best_next_row():
    Xs, Xt = gaussians(30, 20)
    rows = select_similar(Xs, Xt, 6, bandwidth=1.0)
    for t in range(6):
        rest = np.setdiff1d(np.arange(30), rows[:t])
        gaps = [mmd2(Xs[[*rows[:t], r]], Xt, 1.0, unbiased=False) for r in rest]
        assert rows[t] == rest[int(np.argmin(gaps))]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n": 0}, "n: got 0"),
        ({"n": 31}, "n: got 31, want at most 30"),
        ({"n": 5, "by": "luck"}, "by: got 'luck'"),
    ],
)
def test_bad_selection(arguments, words):
    with pytest.raises(ValueError, match=words):
        select_similar(*gaussians(30, 20), **arguments)


def test_selecting_everything_is_allowed():
    Xs, Xt = gaussians(12, 20)
    assert sorted(select_similar(Xs, Xt, 12)) == list(range(12))


# -- weighted validation --------------------------------------------------------------------------


def test_weighted_validation_estimates_the_targets_error():
    """Averaged over samples: close to the true target error where plain CV is far off."""
    plain, weighted, truth = [], [], []
    for seed in range(20):
        task = data.load("toy", seed=seed + 100, kind="regression", n=300, shift=1.0)
        X, y = task.source.X.astype(float), task.source.y
        x = X[:, 0]
        w = np.exp(-(((x - 0.0) / 0.3) ** 2) / 2 + ((x - 0.5) / 0.5) ** 2 / 2)
        model = LinearRegression().fit(X, y)
        plain.append(weighted_cv_error(model, X, y, np.ones(300)))
        weighted.append(weighted_cv_error(model, X, y, w))
        truth.append(task.score(model.predict) ** 2)
    plain, weighted, truth = map(np.mean, (plain, weighted, truth))
    assert weighted == pytest.approx(truth, rel=0.15)
    assert abs(weighted - truth) < 0.5 * abs(plain - truth)


def test_weighted_validation_by_hand_and_zero_one():
    X, y = np.arange(6.0)[:, None], np.array([0, 0, 0, 1, 1, 1])
    w = np.array([1, 1, 1, 1, 1, 5.0])

    class Zero(LinearRegression):
        def fit(self, X, y, sample_weight=None):
            return self

        def predict(self, X):
            return np.zeros(len(X))

    assert weighted_cv_error(Zero(), X, y, w, loss="zero-one") == pytest.approx(0.7)
    assert weighted_cv_error(Zero(), X, y, w, fit_weights=w) == pytest.approx(0.7)
    with pytest.raises(ValueError, match="weights: got 2, want 6"):
        weighted_cv_error(Zero(), X, y, [1, 1])
    with pytest.raises(ValueError, match="loss: got 'l1'"):
        weighted_cv_error(Zero(), X, y, w, loss="l1")
    with pytest.raises(ValueError, match="folds: got 1"):
        weighted_cv_error(Zero(), X, y, w, folds=1)


# -- conventions, for every estimator -----------------------------------------------------------

METHODS = {
    "KMM": KMM(B=4, eps=0.2),
    "KLIEP": KLIEP(1.0),
    "DensityRatio": DensityRatio(),
    "DensityRatio, isotonic": DensityRatio(calibration="isotonic"),
    "LabelShift": LabelShift(LogisticRegression()),
    "TrAdaBoost": TrAdaBoost(n_rounds=3),
}


def fitted(method, Xs, Xt, ys):
    extra = {"yt": (np.asarray(Xt)[:, 0] > 0).astype(int)} if type(method) is TrAdaBoost else {}
    return method.fit(Xs, Xt, ys, **extra)


@pytest.mark.parametrize("name", METHODS)
def test_scikit_learn_conventions(name):
    Xs, Xt = gaussians(60, 50)
    ys = (Xs[:, 0] > 0).astype(int)
    method = clone(METHODS[name])
    params = method.get_params(deep=False)
    assert type(method)(**params).get_params(deep=False).keys() == params.keys()
    assert method.set_params(**params) is method
    assert fitted(method, Xs, Xt, ys) is method
    assert method.weights_.shape == (60,) and method.weights_.dtype == np.float64
    assert (method.weights_ >= 0).all() and method.n_features_in_ == 2
    again = pickle.loads(pickle.dumps(method))
    assert np.array_equal(again.weights_, method.weights_)
    assert np.array_equal(fitted(clone(method), Xs, Xt, ys).weights_, method.weights_)
    frames = (pd.DataFrame(X, columns=["a", "b"]) for X in (Xs, Xt))
    framed = fitted(clone(method), *frames, ys)
    assert framed.weights_ == pytest.approx(method.weights_, abs=1e-5)  # another memory layout
    assert list(framed.feature_names_in_) == ["a", "b"]
    assert repr(method).startswith(type(method).__name__)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda Xs, Xt: (sparse.csr_matrix(Xs), Xt), "Xs: got a sparse matrix"),
        (lambda Xs, Xt: (Xs, Xt[:, :1]), r"Xt: got rows of shape \(1,\), want \(2,\)"),
        (lambda Xs, Xt: (Xs, np.where(Xt > 2, np.nan, Xt)), "Xt: got .* NaN or infinite"),
        (lambda Xs, Xt: (Xs[:0], Xt), "Xs: got 0 rows"),
        (lambda Xs, Xt: (Xs[0], Xt), "Xs: got shape"),
    ],
)
def test_bad_inputs(name, spoil, words):
    Xs, Xt = gaussians(60, 50)
    ys = (Xs[:, 0] > 0).astype(int)
    yt = {"yt": (Xt[:, 0] > 0).astype(int)} if name == "TrAdaBoost" else {}
    with pytest.raises(ValueError, match=words):
        clone(METHODS[name]).fit(*spoil(Xs, Xt), ys, **yt)


def test_not_fitted():
    for method in (KLIEP(), DensityRatio()):
        with pytest.raises(NotFittedError):
            method.ratio(np.zeros((2, 2)))
    for method in (LabelShift(), TrAdaBoost()):
        with pytest.raises(NotFittedError):
            method.predict(np.zeros((2, 2)))
