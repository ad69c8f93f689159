"""Density ratios by classifier and by KLIEP: closed forms, independent optimizers, conventions."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from tlbook.distances import gaussian_kernel, kl_gaussian
from tlbook.instances import KLIEP, DensityRatio
from tlbook.instances._mixture import mixture_shares, shares_gap


def gaussians(n=400, m=400, seed=0, shift=0.8, scale=1.0, d=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(shift, scale, size=(m, d))


def log_ratio(X, shift=0.8, scale=1.0):
    """The closed form: log of N(shift, scale²) over N(0, 1), feature by feature."""
    return (X**2 / 2 - ((X - shift) / scale) ** 2 / 2 - np.log(scale)).sum(1)


# -- classifier ratio ---------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2000, 2000), (3000, 600), (500, 2500)])
def test_equals_the_closed_form_whatever_the_sizes(sizes):
    """A linear classifier is well-specified for two Gaussians of one covariance."""
    Xs, Xt = gaussians(*sizes)
    model = DensityRatio().fit(Xs, Xt)
    assert model.raw_mean_ == pytest.approx(1, abs=0.1)  # without n_s/n_t: 5 or 1/5 here
    error = np.log(model.weights_) - log_ratio(Xs)
    assert np.sqrt(np.mean(error**2)) < 0.2
    assert np.corrcoef(model.weights_, np.exp(log_ratio(Xs)))[0, 1] > 0.98


def test_a_curved_classifier_for_another_width():
    Xs, Xt = gaussians(2000, 2000, shift=0.0, scale=0.6)
    curved = DensityRatio(QuadraticDiscriminantAnalysis()).fit(Xs, Xt).weights_
    true = np.exp(log_ratio(Xs, 0.0, 0.6))
    assert np.corrcoef(curved, true)[0, 1] > 0.97
    linear = DensityRatio().fit(Xs, Xt).weights_
    assert linear.std() < 0.2  # blind: both means agree


@pytest.mark.parametrize("balanced", [None, "balanced"])
def test_calibration_undoes_class_weights(balanced):
    Xs, Xt = gaussians(3000, 300)
    plain = LogisticRegression(class_weight=balanced)
    assert DensityRatio(plain).fit(Xs, Xt).raw_mean_ == pytest.approx(1, abs=0.15)


def test_calibration_repairs_an_overconfident_classifier():
    class TooSure(LogisticRegression):
        def predict_proba(self, X):
            p = 1 / (1 + np.exp(-4 * self.decision_function(X)))
            return np.stack([1 - p, p], 1)

    Xs, Xt = gaussians(2000, 2000)
    true = log_ratio(Xs)

    def error(calibration):
        w = DensityRatio(TooSure(), calibration=calibration).fit(Xs, Xt).weights_
        return np.sqrt(np.mean((np.log(np.maximum(w, 1e-6)) - true) ** 2))

    assert error("sigmoid") < 0.2 < 1 < error(None)
    assert error("isotonic") < error(None) / 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "classifier", [None, RandomForestClassifier(50, min_samples_leaf=10, random_state=0)]
)
def test_the_same_distribution_gives_weights_near_one(seed, classifier):
    """Cross-fitting and calibration keep even a forest from telling equal samples apart."""
    Xs, Xt = gaussians(300, 300, seed, shift=0.0, d=3)
    model = DensityRatio(classifier).fit(Xs, Xt)
    assert np.abs(model.weights_ - 1).mean() < 0.25
    assert abs(model.domain_auc_ - 0.5) < 0.1


def test_mean_order_width_and_new_rows():
    Xs, Xt = gaussians(200, 150, d=2)
    model = DensityRatio().fit(Xs, Xt)
    assert model.weights_.mean() == pytest.approx(1, abs=1e-12) and model.weights_.min() >= 0
    single = DensityRatio().fit(Xs.astype(np.float32), Xt.astype(np.float32))
    assert single.weights_ == pytest.approx(model.weights_, rel=1e-3)
    order = np.random.default_rng(0).permutation(200)
    shuffled = DensityRatio().fit(Xs[order], Xt).weights_
    assert np.corrcoef(shuffled, model.weights_[order])[0, 1] > 0.95  # other folds, same ratio
    moved = DensityRatio().fit(3 * Xs + 10, 3 * Xt + 10).weights_
    assert moved == pytest.approx(model.weights_, rel=1e-4)
    assert np.corrcoef(model.ratio(Xs), model.weights_)[0, 1] > 0.95
    with pytest.raises(ValueError, match="X: got 3 features, want 2"):
        model.ratio(np.zeros((1, 3)))


def test_clipping_is_reported_and_nothing_is_infinite():
    Xs, Xt = gaussians(300, 300, shift=2.0)
    free, clipped = DensityRatio().fit(Xs, Xt), DensityRatio(clip=3.0).fit(Xs, Xt)
    assert free.clipped_ == 0
    assert clipped.clipped_ == pytest.approx(np.mean(free.weights_ * free.raw_mean_ > 3), abs=1e-12)
    assert clipped.weights_.max() * clipped.raw_mean_ <= 3 + 1e-9
    apart = DensityRatio(calibration="isotonic").fit(*gaussians(50, 50, shift=60.0))
    assert np.isfinite(apart.weights_).all() and apart.domain_auc_ == 1
    assert np.isfinite(DensityRatio().fit(*gaussians(3, 2)).weights_).all()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"classifier": LinearSVC()}, "classifier: got LinearSVC, want one with fit and predict_p"),
        ({"calibration": "platt"}, "calibration: got 'platt'"),
        ({"clip": 0}, "clip: got 0"),
        ({"folds": 1}, "folds: got 1, want at least 2"),
    ],
)
def test_bad_parameters_of_the_ratio(params, words):
    with pytest.raises(ValueError, match=words):
        DensityRatio(**params).fit(*gaussians(20, 20))


def test_agrees_with_skada_where_both_are_right():
    skada = pytest.importorskip("skada")
    from skada._reweight import DiscriminatorReweightAdapter

    Xs, Xt = gaussians(500, 500, d=2)
    X, domain = skada.utils.source_target_merge(
        Xs, Xt, sample_domain=np.repeat([1, -2], [len(Xs), len(Xt)])
    )
    theirs = DiscriminatorReweightAdapter().fit(X, sample_domain=domain)
    p = theirs.domain_classifier_.predict_proba(Xs)[:, 1]
    want = (1 - p) / p if np.corrcoef(p, log_ratio(Xs))[0, 1] < 0 else p / (1 - p)
    ours = DensityRatio(LogisticRegression(), calibration=None).fit(Xs, Xt)
    assert ours.ratio(Xs) * ours.raw_mean_ == pytest.approx(want, rel=1e-9)
    # The weights differ a little: ours are cross-fitted.
    assert np.corrcoef(ours.weights_, want)[0, 1] > 0.98


# -- KLIEP --------------------------------------------------------------------------------------


def test_kliep_is_the_optimum_of_its_program():
    """Against SciPy's SLSQP on the program as it stands in the paper."""
    Xs, Xt = gaussians(120, 60, shift=0.7)
    model = KLIEP(0.6, n_centers=15).fit(Xs, Xt)
    A = gaussian_kernel(Xt, model.centers_, 0.6)
    b = gaussian_kernel(Xs, model.centers_, 0.6).mean(0)
    found = minimize(
        lambda a: (-np.log(A @ a).mean(), -(A / (A @ a)[:, None]).mean(0)),
        np.ones(len(b)) / b.sum(),
        jac=True,
        bounds=[(0, None)] * len(b),
        constraints={"type": "eq", "fun": lambda a: b @ a - 1, "jac": lambda a: b},
        method="SLSQP",
        options={"maxiter": 2000, "ftol": 1e-14},
    )
    assert model.objective_ == pytest.approx(-found.fun, abs=1e-6)
    assert model.objective_ >= -found.fun - 1e-9
    assert 0 <= model.kkt_residual_ < 1e-8
    assert (model.alpha_ >= 0).all() and b @ model.alpha_ == pytest.approx(1, abs=1e-9)
    assert model.weights_.mean() == pytest.approx(1, abs=1e-12)


@pytest.mark.slow
def test_kliep_follows_the_closed_form():
    correlations, objectives = [], []
    for seed in range(6):
        Xs, Xt = gaussians(500, 500, seed, shift=0.7, scale=0.7)
        model = KLIEP(seed=seed).fit(Xs, Xt)
        true = np.exp(log_ratio(Xs, 0.7, 0.7))
        correlations.append(np.corrcoef(model.weights_, true)[0, 1])
        objectives.append(model.objective_)
        assert len(model.scores_) == 9 and model.bandwidth_ in model.scores_
    assert np.mean(correlations) > 0.88 and min(correlations) > 0.75
    assert np.mean(objectives) == pytest.approx(kl_gaussian(0.7, 0.49, 0, 1), abs=0.07)


@pytest.mark.parametrize("seed", range(3))
def test_kliep_at_p_equal_q(seed):
    Xs, Xt = gaussians(400, 400, seed, shift=0.0)
    w = KLIEP().fit(Xs, Xt).weights_
    assert np.abs(w - 1).mean() < 0.25


@pytest.mark.slow
def test_cross_validation_takes_a_bandwidth_that_holds_on_new_rows():
    Xs, Xt = gaussians(300, 300, shift=0.5)
    fresh = np.random.default_rng(1).normal(0.5, 1, size=(5000, 1))
    found = {bandwidth: KLIEP(bandwidth).fit(Xs, Xt) for bandwidth in KLIEP().fit(Xs, Xt).scores_}
    held_out = {b: np.log(np.maximum(m.ratio(fresh), 1e-3)).mean() for b, m in found.items()}
    chosen = KLIEP().fit(Xs, Xt).bandwidth_
    assert held_out[chosen] > max(held_out.values()) - 0.05
    narrow = min(found)
    assert held_out[chosen] > held_out[narrow] + 0.05


def test_two_outliers_cannot_claim_the_ratio():
    """A pair of target rows that no source row is near used to take all of the likelihood."""
    Xs, Xt = gaussians(200, 200, shift=0.5)
    spoiled = KLIEP().fit(Xs, np.concatenate([Xt, [[8.0], [8.05]]]))
    clean = KLIEP().fit(Xs, Xt)
    assert np.abs(spoiled.weights_ - clean.weights_).mean() < 0.2
    assert spoiled.ratio(np.array([[8.0]]))[0] < 200


def test_kliep_does_not_mind_place_turn_width_and_order():
    Xs, Xt = gaussians(100, 80, d=2)
    plain = KLIEP(1.0).fit(Xs, Xt)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(2, 2)))[0]
    order = np.random.default_rng(1).permutation(100)
    for Zs, Zt, want in (
        (Xs + 50, Xt + 50, plain.weights_),
        (Xs @ turn, Xt @ turn, plain.weights_),
        (Xs[order], Xt, plain.weights_[order]),
    ):
        assert KLIEP(1.0).fit(Zs, Zt).weights_ == pytest.approx(want, abs=2e-3)
    single = KLIEP(1.0).fit(Xs.astype(np.float32), Xt.astype(np.float32)).weights_
    assert single == pytest.approx(plain.weights_, abs=2e-2)
    assert plain.ratio(Xs) == pytest.approx(plain.weights_, rel=1e-12)
    far_from_zero = KLIEP().fit(1000 * Xs, 1000 * Xt)
    assert far_from_zero.weights_ == pytest.approx(KLIEP().fit(Xs, Xt).weights_, abs=2e-3)


def test_kliep_says_when_nothing_overlaps():
    with pytest.raises(ValueError, match="do not overlap at this scale"):
        KLIEP(0.1).fit(*gaussians(50, 50, shift=40.0))
    model = KLIEP(0.5).fit(*gaussians(300, 300, shift=4.5))
    assert model.weights_.max() > 20
    partly = np.concatenate([gaussians()[1], np.full((100, 1), 90.0)])
    assert KLIEP(0.5).fit(gaussians()[0], partly).uncovered_ == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"bandwidth": "best"}, "bandwidth: got 'best'"),
        ({"bandwidth": 0.0}, "bandwidth: got 0.0"),
        ({"n_centers": 0}, "n_centers: got 0"),
        ({"folds": 1}, "folds: got 1"),
    ],
)
def test_bad_parameters_of_kliep(params, words):
    with pytest.raises(ValueError, match=words):
        KLIEP(**params).fit(*gaussians(20, 20))


# -- the solver under it ------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("m", "k"), [(1, 1), (5, 3), (200, 40), (30, 60)])
def test_shares_against_many_rounds_of_em(m, k):
    A = np.random.default_rng(m + k).gamma(0.5, size=(m, k)) + 1e-6
    shares, gap = mixture_shares(A)
    assert 0 <= gap <= 1e-8 and shares.sum() == pytest.approx(1) and shares.min() >= 0
    pi = np.full(k, 1 / k)
    for _ in range(20_000):
        pi = pi * (A / (A @ pi)[:, None]).mean(0)
    em, ours = (np.log(A @ p).mean() for p in (pi, shares))
    assert ours >= em - 1e-8
    assert ours - em <= shares_gap(A, pi) + 1e-9  # the certificate of EM's point is honest
