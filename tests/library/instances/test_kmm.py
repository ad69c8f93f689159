"""KMM: the optimum of its quadratic program, the constraints, invariances, and its peers."""

import cvxopt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlbook.distances import gaussian_kernel, median_bandwidth, mmd2
from tlbook.instances import KMM
from tlbook.instances._box_slab import project_box_slab
from tlbook.instances._qp import solve_box_slab

PRECISE = {"show_progress": False, "abstol": 1e-11, "reltol": 1e-11, "feastol": 1e-11}


def pair(n=80, m=60, d=2, seed=0, shift=0.7, scale=0.8):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(shift, scale, size=(m, d))


def program(Xs, Xt, sigma):
    K = gaussian_kernel(Xs, bandwidth=sigma)
    return K, gaussian_kernel(Xs, Xt, bandwidth=sigma).mean(1) * len(Xs)


def reference(K, kappa, B, eps):
    """The objective found by cvxopt, an independent solver."""
    n = len(kappa)
    G = np.vstack([-np.eye(n), np.eye(n), np.ones((1, n)), -np.ones((1, n))])
    h = np.r_[np.zeros(n), np.full(n, B), n * (1 + eps), -n * (1 - eps)]
    found = cvxopt.solvers.qp(*map(cvxopt.matrix, (K, -kappa, G, h)), options=PRECISE)
    assert found["status"] == "optimal"
    return found["primal objective"]


def assert_feasible(w, B, eps):
    assert w.min() >= 0 and w.max() <= B
    assert abs(w.mean() - 1) <= eps + 1e-12


CASES = {  # n, m, d, shift, B, eps
    "odd sizes": (37, 53, 2, 1.0, 3.0, 0.2),
    "not round": (151, 97, 10, 0.3, 1000.0, 0.9),
    "one dimension": (150, 150, 1, 1.0, 10.0, 0.05),
    "tight bound": (60, 80, 3, 0.5, 1.2, 0.3),
    "nearly fixed sum": (90, 40, 2, 0.5, 5.0, 1e-4),
    "far apart": (120, 100, 1, 6.0, 10.0, 0.1),
    "few rows": (7, 3, 1, 2.0, 2.0, 0.5),
}


@pytest.mark.parametrize("case", CASES)
def test_the_objective_is_that_of_a_reference_solver(case):
    n, m, d, shift, B, eps = CASES[case]
    Xs, Xt = pair(n, m, d, shift=shift / np.sqrt(d))
    kmm = KMM(B=B, eps=eps).fit(Xs, Xt)
    K, kappa = program(Xs, Xt, median_bandwidth(Xs, Xt))
    want = reference(K, kappa, B, eps)
    assert kmm.objective_ == pytest.approx(want, rel=1e-7)
    w = kmm.weights_
    assert 0.5 * w @ K @ w - kappa @ w == pytest.approx(kmm.objective_, rel=1e-12)
    assert kmm.gap_ <= 1e-9 * abs(want)
    assert kmm.kkt_residual_ < 1e-6
    assert_feasible(w, B, eps)


def test_the_kkt_conditions_with_multipliers():
    """Interior weights share one slope, those at 0 have a larger and those at B a smaller one."""
    Xs, Xt = pair(120, 90, 1, shift=1.0)
    B, eps = 3.0, 0.05
    kmm = KMM(B=B, eps=eps).fit(Xs, Xt)
    K, kappa = program(Xs, Xt, kmm.bandwidth_[0])
    w, slope = kmm.weights_, (K @ kmm.weights_ - kappa) / len(Xs)
    inside = (w > 1e-3) & (w < B - 1e-3)
    assert inside.sum() >= 5 and (w < 1e-6).sum() >= 5 and (w > B - 1e-6).sum() >= 5
    level = np.median(slope[inside])
    assert np.abs(slope[inside] - level).max() < 1e-6
    assert (slope[w < 1e-6] > level - 1e-6).all() and (slope[w > B - 1e-6] < level + 1e-6).all()
    sum_is_tight = abs(abs(w.mean() - 1) - eps) < 1e-9
    assert sum_is_tight or abs(level) < 1e-6


def test_eps_zero_fixes_the_mean():
    Xs, Xt = pair()
    w = KMM(B=5, eps=0).fit(Xs, Xt)
    assert w.weights_.mean() == pytest.approx(1, abs=1e-12)
    K, kappa = program(Xs, Xt, w.bandwidth_[0])
    n = len(Xs)
    G, h = np.vstack([-np.eye(n), np.eye(n)]), np.r_[np.zeros(n), np.full(n, 5.0)]
    parts = (K, -kappa, G, h, np.ones((1, n)), np.array([float(n)]))
    found = cvxopt.solvers.qp(*map(cvxopt.matrix, parts), options=PRECISE)
    assert w.objective_ == pytest.approx(found["primal objective"], rel=1e-7)
    assert w.kkt_residual_ < 1e-6


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 40),
    m=st.integers(1, 30),
    d=st.integers(1, 3),
    B=st.floats(1.0, 50.0),
    eps=st.floats(0.0, 1.0),
    shift=st.floats(-8, 8),
    sigma=st.floats(0.05, 20.0),
    seed=st.integers(0, 10_000),
)
def test_constraints_hold_whatever_comes(n, m, d, B, eps, shift, sigma, seed):
    Xs, Xt = pair(n, m, d, seed, shift)
    kmm = KMM(sigma, B, eps).fit(Xs, Xt)
    assert_feasible(kmm.weights_, B, eps)
    assert kmm.kkt_residual_ < 1e-4
    even = np.ones(n)
    K, kappa = program(Xs, Xt, sigma)
    at_one = 0.5 * even @ K @ even - kappa @ even
    assert kmm.objective_ <= at_one + 1e-7 * (1 + abs(at_one))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 5), (2, 1)])
def test_very_few_rows(n, m):
    Xs, Xt = pair(n, m, 1, shift=0.1)
    kmm = KMM(eps=0.2).fit(Xs, Xt)
    assert kmm.weights_.shape == (n,)
    assert_feasible(kmm.weights_, 10, 0.2)


def test_a_bound_of_one_leaves_no_choice():
    Xs, Xt = pair()
    kmm = KMM(B=1, eps=0).fit(Xs, Xt)
    assert kmm.eps_ == 0 and np.all(kmm.weights_ == 1)
    assert KMM(B=1).fit(Xs, Xt).eps_ == 0


def test_the_same_sample_needs_no_weights():
    X, _ = pair(200)
    kmm = KMM(B=5, eps=0.1).fit(X, X)
    assert kmm.mmd2_ == pytest.approx(0, abs=1e-9)
    assert KMM(0.05, B=5, eps=0.1).fit(X, X).weights_ == pytest.approx(np.ones(200), abs=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_distribution_gives_weights_near_one(seed):
    Xs, Xt = pair(400, 400, 1, seed, shift=0.0, scale=1.0)
    w = KMM(B=5, ridge=1).fit(Xs, Xt).weights_
    assert np.abs(w - 1).mean() < 0.3
    assert 400 / (1 + w.var()) > 360


def true_ratio(x, shift=0.7, scale=0.8):
    return np.exp(-(((x - shift) / scale) ** 2) / 2 + x**2 / 2) / scale


@pytest.mark.parametrize("seed", range(5))
def test_with_a_ridge_the_weights_follow_the_true_ratio(seed):
    Xs, Xt = pair(400, 400, 1, seed)
    w, true = KMM(B=8, ridge=1).fit(Xs, Xt).weights_, true_ratio(Xs[:, 0])
    assert np.corrcoef(w, true)[0, 1] > 0.85
    assert np.sqrt(np.mean((w - true) ** 2)) < 0.75 * true.std()


@pytest.mark.parametrize("seed", range(5))
def test_weighted_means_of_smooth_functions_are_the_targets(seed):
    """What KMM promises: not the ratio row by row, but the means of functions like the kernel."""
    Xs, Xt = pair(400, 400, 1, seed)
    kmm = KMM(B=8).fit(Xs, Xt)
    assert kmm.mmd2_ < 1e-3 * mmd2(Xs, Xt, kmm.bandwidth_, unbiased=False)
    for f in (np.sin, np.cos, np.tanh):
        weighted = float((kmm.weights_[:, None] * f(Xs)).mean())
        assert abs(weighted - f(Xt).mean()) < 0.1 * abs(f(Xs).mean() - f(Xt).mean())


def test_a_ridge_makes_the_weights_even_and_is_a_quadratic_program_too():
    Xs, Xt = pair(60)
    plain, ridge = KMM(B=4, eps=0.1).fit(Xs, Xt), KMM(B=4, eps=0.1, ridge=2).fit(Xs, Xt)
    assert ridge.weights_.var() < plain.weights_.var() and ridge.mmd2_ > plain.mmd2_
    K, kappa = program(Xs, Xt, ridge.bandwidth_)
    assert ridge.objective_ == pytest.approx(reference(K + 2 * np.eye(60), kappa, 4, 0.1), rel=1e-7)
    assert ridge.kkt_residual_ < 1e-6


def test_mmd2_is_the_weighted_distance():
    Xs, Xt = pair(30, 20)
    kmm = KMM().fit(Xs, Xt)
    a = kmm.weights_ / 30
    K, L = (
        gaussian_kernel(Xs, bandwidth=kmm.bandwidth_),
        gaussian_kernel(Xt, bandwidth=kmm.bandwidth_),
    )
    cross = gaussian_kernel(Xs, Xt, bandwidth=kmm.bandwidth_)
    assert kmm.mmd2_ == pytest.approx(a @ K @ a + L.mean() - 2 * a @ cross.mean(1), abs=1e-12)


def test_invariances():
    Xs, Xt = pair(80, 70, 2, shift=0.6)
    plain = KMM(1.0, B=4, eps=0.1).fit(Xs, Xt)
    order = np.random.default_rng(1).permutation(80)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(2, 2)))[0]
    for Zs, Zt, want in (
        (Xs[order], Xt[::-1], plain.weights_[order]),
        (Xs + 100, Xt + 100, plain.weights_),
        (Xs @ turn, Xt @ turn, plain.weights_),
    ):
        other = KMM(1.0, B=4, eps=0.1).fit(Zs, Zt)
        assert other.objective_ == pytest.approx(plain.objective_, rel=1e-8)
        assert np.abs(other.weights_ - want).max() < 0.02  # K is nearly singular: many are optimal
    scaled = KMM("median", B=4, eps=0.1).fit(5 * Xs, 5 * Xt)
    same = KMM("median", B=4, eps=0.1).fit(Xs, Xt)
    assert scaled.objective_ == pytest.approx(same.objective_, rel=1e-8)


def test_single_precision_is_computed_in_double():
    Xs, Xt = pair(90)
    double, single = KMM().fit(Xs, Xt), KMM().fit(Xs.astype(np.float32), Xt.astype(np.float32))
    assert single.weights_.dtype == np.float64
    assert single.objective_ == pytest.approx(double.objective_, rel=1e-5)
    assert single.kkt_residual_ < 1e-6


def test_several_bandwidths_are_summed():
    Xs, Xt = pair(40)
    kmm = KMM((0.5, 2.0), B=4, eps=0.1).fit(Xs, Xt)
    K, kappa = program(Xs, Xt, (0.5, 2.0))
    assert kmm.objective_ == pytest.approx(reference(K, kappa, 4.0, 0.1), rel=1e-7)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"B": 0.5}, "B: got 0.5, want at least 1"),
        ({"B": -1}, "B: got -1"),
        ({"eps": "none"}, "eps: got 'none'"),
        ({"eps": 1.5}, "eps: got 1.5"),
        ({"eps": -0.1}, "eps: got -0.1"),
        ({"bandwidth": -1.5}, "bandwidth: got .*-1.5"),
        ({"ridge": -1}, "ridge: got -1"),
        ({"bandwidth": "wide"}, "bandwidth: got 'wide'"),
    ],
)
def test_bad_parameters(params, words):
    with pytest.raises(ValueError, match=words):
        KMM(**params).fit(*pair(10, 10))


def test_cost_grows_with_nothing_but_the_rows():
    """A singular kernel matrix (copies of a row) takes no more steps than a regular one."""
    Xs, Xt = pair(60)
    copies = np.repeat(Xs[:6], 10, axis=0)
    assert KMM().fit(copies, Xt).n_iter_ < 60
    assert KMM().fit(copies, Xt).kkt_residual_ < 1e-5


def test_skada_ignores_the_bound():
    """skada's default solver takes no notice of B; on the same problem ours keeps it."""
    skada = pytest.importorskip("skada")
    from skada._reweight import KMMReweightAdapter

    Xs, Xt = pair(100, 100, 1, shift=1.5)
    X, domain = skada.utils.source_target_merge(
        Xs, Xt, sample_domain=np.repeat([1, -2], [len(Xs), len(Xt)])
    )
    sigma, B, eps = 1.0, 3.0, 0.1
    theirs = KMMReweightAdapter(gamma=1 / (2 * sigma**2), B=B, eps=eps).fit(X, sample_domain=domain)
    assert theirs.source_weights_.max() > 2 * B
    ours = KMM(sigma, B=B, eps=eps).fit(Xs, Xt)
    assert_feasible(ours.weights_, B, eps)
    # Where the bound plays no part the two solve the same program, and ours is at the minimum.
    free = KMM(sigma, B=1000, eps=eps).fit(Xs, Xt)
    K, kappa = program(Xs, Xt, sigma)
    w = theirs.source_weights_
    assert free.objective_ <= 0.5 * w @ K @ w - kappa @ w + 1e-9


# -- the projection and the solver below ------------------------------------------------------


def test_projection_against_a_quadratic_program():
    rng = np.random.default_rng(0)
    for _ in range(20):
        n = int(rng.integers(1, 9))
        v, B = rng.normal(1, 3, n), rng.uniform(1, 3)
        low = rng.uniform(0, 1) * n
        high = low + rng.uniform(0.01, 0.5) * n
        G = np.vstack([-np.eye(n), np.eye(n), np.ones((1, n)), -np.ones((1, n))])
        h = np.r_[np.zeros(n), np.full(n, B), high, -low]
        found = cvxopt.solvers.qp(*map(cvxopt.matrix, (np.eye(n), -v, G, h)), options=PRECISE)
        assert project_box_slab(v, B, low, high) == pytest.approx(
            np.array(found["x"]).ravel(), abs=1e-6
        )


@settings(max_examples=100, deadline=None)
@given(
    v=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30),
    B=st.floats(1.0, 20.0),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_projection_is_feasible_and_nearest(v, B, ends):
    v = np.array(v)
    n = len(v)
    low, high = sorted(n * e for e in ends)
    w = project_box_slab(v, B, low, high)
    assert w.min() >= 0 and w.max() <= B
    assert low - 1e-8 <= w.sum() <= high + 1e-8
    again = project_box_slab(w, B, low, high)
    assert again == pytest.approx(w, abs=1e-9)
    # Nearest: the angle at w between v and any other feasible point is not acute.
    rng = np.random.default_rng(0)
    for _ in range(5):
        other = project_box_slab(rng.uniform(0, B, n), B, low, high)
        assert (v - w) @ (other - w) <= 1e-6 * (1 + np.abs(v).sum())


def test_the_solver_says_how_far_it_can_be_from_the_minimum():
    Xs, Xt = pair(60)
    K, kappa = program(Xs, Xt, 1.0)
    exact = solve_box_slab(K, kappa, 4.0, 54.0, 66.0, tol=1e-12)
    for tol in (1e-1, 1e-3, 1e-5):
        rough = solve_box_slab(K, kappa, 4.0, 54.0, 66.0, tol=tol)
        assert rough.steps < exact.steps
        assert 0 <= rough.objective - exact.objective <= rough.gap
