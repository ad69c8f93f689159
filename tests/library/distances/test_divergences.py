"""KL and Jensen-Shannon against closed forms, SciPy and their own properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.spatial.distance import jensenshannon

from tlbook.distances import js_divergence, kl_divergence, kl_gaussian

# SciPy's Jensen-Shannon is infinite where half of a probability is 0; ours has a test of its own.
share = st.floats(0.0, 1.0, allow_subnormal=False)
weights = st.lists(share, min_size=6, max_size=6).filter(lambda w: sum(w) > 0.1)


def normalized(values):
    values = np.array(values)
    return values / values.sum()


@given(weights, weights)
@settings(max_examples=60, deadline=None)
def test_properties(a, b):
    p, q = normalized(a), normalized(b)
    assert kl_divergence(p, q) == pytest.approx(stats.entropy(p, q), abs=1e-9)
    assert kl_divergence(p, p) == 0
    js = js_divergence(p, q)
    assert 0 <= js <= np.log(2) + 1e-12
    assert js == pytest.approx(js_divergence(q, p), abs=1e-12)
    assert js == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-7)
    assert js_divergence(torch.tensor(p), torch.tensor(q)).item() == pytest.approx(js, abs=1e-12)


def test_the_smallest_probability_there_is_does_no_harm():
    p, q = np.array([0.0, 1.0]), np.array([5e-324, 1.0])
    assert js_divergence(p, q) == js_divergence(q, p) == 0
    assert js_divergence(torch.tensor(p), torch.tensor(q)).item() == 0


def test_bernoulli_by_hand_and_asymmetry():
    p, q = np.array([0.5, 0.5]), np.array([0.9, 0.1])
    forward = 0.5 * np.log(0.5 / 0.9) + 0.5 * np.log(0.5 / 0.1)
    backward = 0.9 * np.log(0.9 / 0.5) + 0.1 * np.log(0.1 / 0.5)
    assert kl_divergence(p, q) == pytest.approx(forward, abs=1e-14)
    assert kl_divergence(q, p) == pytest.approx(backward, abs=1e-14)
    assert forward != pytest.approx(backward, abs=0.1)


def test_infinite_where_q_rules_out_what_p_allows():
    p, q = np.array([0.5, 0.5, 0.0]), np.array([1.0, 0.0, 0.0])
    assert kl_divergence(p, q) == np.inf
    assert kl_divergence(q, p) == pytest.approx(np.log(2))
    assert kl_divergence(torch.tensor(p), torch.tensor(q)).item() == np.inf
    assert js_divergence([1.0, 0.0], [0.0, 1.0]) == pytest.approx(np.log(2))


def test_gradients():
    logits = [
        torch.tensor([0.3, -1.0, 0.5], dtype=torch.float64, requires_grad=True),
        torch.tensor([-0.2, 0.4, 0.1], dtype=torch.float64, requires_grad=True),
    ]
    for divergence in (kl_divergence, js_divergence):
        assert torch.autograd.gradcheck(
            lambda a, b, f=divergence: f(a.softmax(0), b.softmax(0)), logits
        )


def test_kl_gaussian_in_one_dimension_against_the_integral():
    p, q = stats.norm(1.0, 2.0), stats.norm(-0.5, 1.5)
    integral, _ = integrate.quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), -30, 30)
    assert kl_gaussian(1.0, 4.0, -0.5, 2.25) == pytest.approx(integral, abs=1e-8)
    assert kl_gaussian(1.0, 4.0, 1.0, 4.0) == 0


def test_kl_gaussian_against_the_formula():
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(2, 3, 3))
    P, Q = A @ A.T + np.eye(3), B @ B.T + np.eye(3)
    mp, mq = rng.normal(size=(2, 3))
    inverse = np.linalg.inv(Q)
    expected = 0.5 * (
        np.trace(inverse @ P)
        + (mq - mp) @ inverse @ (mq - mp)
        - 3
        + np.log(np.linalg.det(Q) / np.linalg.det(P))
    )
    assert kl_gaussian(mp, P, mq, Q) == pytest.approx(expected, abs=1e-12)
    tensors = [torch.tensor(v, requires_grad=True) for v in (mp, P, mq, Q)]
    assert kl_gaussian(*tensors).item() == pytest.approx(expected, abs=1e-12)
    symmetric = lambda M: (M + M.T) / 2  # noqa: E731
    assert torch.autograd.gradcheck(
        lambda a, C, b, D: kl_gaussian(a, symmetric(C), b, symmetric(D)), tensors
    )


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([0.5, 0.6], [0.5, 0.5], "p: got a sum of 1.1"),
        ([0.5, 0.5], [-0.5, 1.5], "q: got -0.5, want no negative"),
        ([0.5, 0.5], [1.0], "q: got 1 probabilities, want 2 like p"),
        ([[0.5, 0.5]], [0.5, 0.5], "p: got shape"),
        ([], [], "p: got 0 rows"),
        ([np.nan, 1.0], [0.5, 0.5], "p: got 1 values that are NaN"),
        (torch.tensor([0.5, 0.5]), [0.5, 0.5], "q: got list beside Tensor p"),
    ],
)
def test_bad_distributions(p, q, message):
    for divergence in (kl_divergence, js_divergence):
        with pytest.raises(ValueError, match=message):
            divergence(p, q)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 0.0, 0.0, 1.0), "cov_p: got a matrix that is not positive definite"),
        ((0.0, 1.0, 0.0, -1.0), "cov_q: got a matrix that is not positive definite"),
        (([0.0, 0.0], np.eye(3), [0.0, 0.0], np.eye(2)), r"cov_p: got shape \(3, 3\)"),
        (([0.0, 0.0], np.eye(2), [0.0, 0.0], [[1.0, 0.5], [0.0, 1.0]]), "cov_q: got a matrix"),
        (([0.0, 0.0], np.eye(2), [0.0], np.eye(2)), "mean_q: got 1 entries, want 2"),
        ((np.nan, 1.0, 0.0, 1.0), "mean_p: got 1 values"),
        ((torch.zeros(2), np.eye(2), torch.zeros(2), torch.eye(2)), "cov_p: got ndarray"),
        ((torch.zeros(1), torch.zeros(1, 1), torch.zeros(1), torch.eye(1)), "cov_p: got a matrix"),
    ],
)
def test_bad_gaussians(arguments, message):
    with pytest.raises(ValueError, match=message):
        kl_gaussian(*arguments)
