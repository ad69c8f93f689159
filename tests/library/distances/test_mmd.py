"""MMD: closed form, double loop, unbiasedness, gradients, numerics, errors."""

import numpy as np
import pytest
import torch

from tlbook.distances import (
    bandwidth_ladder,
    gaussian_kernel,
    median_bandwidth,
    mmd2,
    mmd2_linear_time,
    mmd2_random_features,
    witness,
)

LADDERS = {
    "one": (2.0,),
    "doubling": (0.5, 1.0, 2.0, 4.0, 8.0),
    "root two": bandwidth_ladder(2.0, 5, 2**0.5),
    "any": (1.0, 3.0, 0.7, 2.0, 2.0),
}


def samples(n=37, m=23, d=4, seed=0, shift=0.4, scale=1.5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(shift, scale, size=(m, d))


def double_loop(X, Y, sigmas, unbiased):
    """The definition, pair by pair."""

    def mean(A, B, skip):
        terms = [
            sum(np.exp(-np.sum((a - b) ** 2) / (2 * s**2)) for s in sigmas)
            for i, a in enumerate(A)
            for j, b in enumerate(B)
            if not (skip and i == j)
        ]
        return np.mean(terms)

    return mean(X, X, unbiased) + mean(Y, Y, unbiased) - 2 * mean(X, Y, False)


def closed_form(d, shift, scale, sigma):
    """Squared MMD of N(0, I) and N(shift, scale² I) under the Gaussian kernel."""

    def term(variance, gap2):
        spread = 1 + variance / sigma**2
        return spread ** (-d / 2) * np.exp(-gap2 / (2 * sigma**2 * spread))

    return term(2, 0) + term(2 * scale**2, 0) - 2 * term(1 + scale**2, d * shift**2)


@pytest.mark.parametrize("unbiased", [True, False])
@pytest.mark.parametrize("name", LADDERS)
def test_equals_the_double_loop(name, unbiased):
    X, Y = samples()
    expected = double_loop(X, Y, LADDERS[name], unbiased)
    assert mmd2(X, Y, LADDERS[name], unbiased) == pytest.approx(expected, abs=1e-10)
    as_tensors = mmd2(torch.tensor(X), torch.tensor(Y), LADDERS[name], unbiased)
    assert as_tensors.dtype == torch.float64
    assert as_tensors.item() == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("unbiased", [True, False])
def test_linear_kernel_equals_the_double_loop(unbiased):
    X, Y = samples()
    n, m = len(X), len(Y)
    xx, yy = X @ X.T, Y @ Y.T
    if unbiased:
        expected = (xx.sum() - np.trace(xx)) / (n * (n - 1))
        expected += (yy.sum() - np.trace(yy)) / (m * (m - 1)) - 2 * (X @ Y.T).mean()
    else:
        expected = ((X.mean(0) - Y.mean(0)) ** 2).sum()
    assert mmd2(X, Y, unbiased=unbiased, kernel="linear") == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(("shift", "scale"), [(0.5, 1.0), (0.0, 1.7), (0.3, 0.6)])
def test_closed_form_for_gaussians_to_sampling_error(shift, scale):
    values = [
        mmd2(*samples(150, 200, 3, seed, shift=shift, scale=scale), bandwidth=1.5)
        for seed in range(40)
    ]
    standard_error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values) - closed_form(3, shift, scale, 1.5)) < 4 * standard_error
    assert standard_error < 0.003


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_unbiased_at_equal_distributions_and_biased_is_not(kernel):
    draws = [samples(20, 30, 2, seed, shift=0.0, scale=1.0) for seed in range(600)]
    bandwidth = 1.0 if kernel == "rbf" else "median"
    unbiased = np.array([mmd2(X, Y, bandwidth, kernel=kernel) for X, Y in draws])
    biased = np.array([mmd2(X, Y, bandwidth, unbiased=False, kernel=kernel) for X, Y in draws])
    assert abs(unbiased.mean()) < 4 * unbiased.std() / np.sqrt(len(draws))
    assert 0.3 < (unbiased < 0).mean() < 0.8
    assert (biased >= 0).all()
    # The excess is (E k(x, x) - E k(x, x')) (1/n + 1/m); here 1 - 1/3, and the variance 2.
    excess = {"rbf": 1 - 1 / 3, "linear": 2.0}[kernel] * (1 / 20 + 1 / 30)
    assert biased.mean() == pytest.approx(excess, rel=0.1)


def test_linear_kernel_is_blind_to_a_change_of_variance():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 2))
    Y = 3 * rng.normal(size=(2000, 2))
    assert abs(mmd2(X, Y, kernel="linear")) < 0.05
    assert mmd2(X, Y) > 0.1
    mirrored = np.concatenate([X, -X])  # means exactly equal
    assert mmd2(mirrored, 3 * mirrored, kernel="linear", unbiased=False) < 1e-25


@pytest.mark.slow
@pytest.mark.parametrize("block", [1, 7, 23, 64, 10_000])
def test_block_size_changes_nothing(block):
    X, Y = samples(64, 45, 3)
    for sigmas in LADDERS.values():
        assert mmd2(X, Y, sigmas, block=block) == pytest.approx(mmd2(X, Y, sigmas), abs=1e-13)
    tensors = [torch.tensor(Z, requires_grad=True) for Z in (X, Y)]
    whole = torch.autograd.grad(mmd2(*tensors, LADDERS["any"]), tensors)
    tiled = torch.autograd.grad(mmd2(*tensors, LADDERS["any"], block=block), tensors)
    for a, b in zip(whole, tiled, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-14)


@pytest.mark.parametrize("unbiased", [True, False])
@pytest.mark.parametrize("name", LADDERS)
def test_gradients_against_finite_differences(name, unbiased):
    X, Y = (torch.tensor(Z, requires_grad=True) for Z in samples(9, 6, 3))
    assert torch.autograd.gradcheck(
        lambda A, B: mmd2(A, B, LADDERS[name], unbiased, block=4), (X, Y)
    )


def test_gradient_flows_to_one_sample_only_when_asked():
    X, Y = (torch.tensor(Z) for Z in samples(9, 6, 3))
    both = [X.clone().requires_grad_(), Y.clone().requires_grad_()]
    by_x, by_y = torch.autograd.grad(mmd2(*both, 1.0), both)
    only_x, only_y = X.clone().requires_grad_(), Y.clone().requires_grad_()
    torch.testing.assert_close(torch.autograd.grad(mmd2(only_x, Y, 1.0), only_x)[0], by_x)
    torch.testing.assert_close(torch.autograd.grad(mmd2(X, only_y, 1.0), only_y)[0], by_y)
    assert not mmd2(X, Y, 1.0).requires_grad


@pytest.mark.parametrize("variant", [mmd2_linear_time, mmd2_random_features, gaussian_kernel])
def test_gradients_of_the_variants(variant):
    X, Y = (torch.tensor(Z, requires_grad=True) for Z in samples(7, 6, 3))
    assert torch.autograd.gradcheck(lambda A, B: variant(A, B, (1.0, 2.0)), (X, Y))


def test_linear_kernel_gradient():
    X, Y = (torch.tensor(Z, requires_grad=True) for Z in samples(7, 6, 3))
    assert torch.autograd.gradcheck(lambda A, B: mmd2(A, B, kernel="linear"), (X, Y))


def test_median_bandwidth_is_a_constant_for_the_gradient():
    X, Y = (torch.tensor(Z, requires_grad=True) for Z in samples(9, 6, 3))
    fixed = median_bandwidth(X, Y)
    by_median = torch.autograd.grad(mmd2(X, Y), X)[0]
    torch.testing.assert_close(by_median, torch.autograd.grad(mmd2(X, Y, fixed), X)[0])


def test_second_derivative_is_refused():
    X, Y = (torch.tensor(Z, requires_grad=True) for Z in samples(5, 5, 2))
    (by_x,) = torch.autograd.grad(mmd2(X, Y, 1.0), X, create_graph=True)
    with pytest.raises(RuntimeError, match="mmd2: got a second derivative"):
        (by_x**2).sum().backward()
    # A graph that is made but not used is no error.
    torch.autograd.grad(mmd2(X, Y, 1.0) + (X**3).sum(), X, create_graph=True)


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_single_precision_far_from_the_origin(offset):
    X, Y = (np.float32(Z + offset) for Z in samples(300, 200, 8))
    exact = mmd2(X.astype(float), Y.astype(float), LADDERS["doubling"])
    assert mmd2(X, Y, LADDERS["doubling"]) == pytest.approx(exact, abs=2e-5)
    value = mmd2(torch.tensor(X), torch.tensor(Y), LADDERS["doubling"])
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(exact, abs=2e-5)


def test_two_tight_clusters_far_apart_keep_their_inner_distances():
    rng = np.random.default_rng(0)
    X = np.float32(rng.normal(size=(200, 3)))
    Y = np.float32(rng.normal(size=(200, 3)) + 5000)
    exact = mmd2(X.astype(float), Y.astype(float), 1.0)
    assert mmd2(X, Y, 1.0) == pytest.approx(exact, rel=1e-3)


def test_equal_samples():
    X, _ = samples()
    assert mmd2(X, X, unbiased=False) == pytest.approx(0, abs=1e-15)
    assert mmd2(X, X) < 0
    same = np.ones((5, 2))
    assert mmd2(same, same) == 0


def test_half_precision_and_autocast_are_computed_in_single_precision():
    X, Y = (torch.tensor(Z, dtype=torch.float32, requires_grad=True) for Z in samples())
    expected = mmd2(X, Y, 2.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(mmd2(X, Y, 2.0), expected, rtol=0, atol=0)
        for variant in (mmd2_random_features, gaussian_kernel):
            assert variant(X, Y, 2.0).dtype == torch.float32
    half = X.detach().bfloat16().requires_grad_()
    value = mmd2(half, Y.detach().bfloat16(), 2.0)
    value.backward()
    assert value.dtype == torch.float32
    assert half.grad.dtype == torch.bfloat16
    assert value.item() == pytest.approx(expected.item(), abs=0.02)


def test_invariances():
    X, Y = samples()
    rotation, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    base = mmd2(X, Y, 1.3)
    assert mmd2(Y, X, 1.3) == pytest.approx(base, abs=1e-14)
    assert mmd2(X @ rotation + 5, Y @ rotation + 5, 1.3) == pytest.approx(base, abs=1e-12)
    assert mmd2(10 * X, 10 * Y, 13.0) == pytest.approx(base, abs=1e-12)
    assert mmd2(10 * X, 10 * Y) == pytest.approx(mmd2(X, Y), abs=1e-12)


def test_linear_time_estimate():
    draws = [samples(201, 150, 2, seed) for seed in range(300)]
    values = np.array([mmd2_linear_time(X, Y, 1.0) for X, Y in draws])
    exact = closed_form(2, 0.4, 1.5, 1.0)
    assert abs(values.mean() - exact) < 4 * values.std() / np.sqrt(len(values))
    assert mmd2_linear_time(*draws[0], seed=3) == mmd2_linear_time(*draws[0], seed=3)
    X = np.array([[0.0], [1.0]])
    Y = np.array([[2.0], [4.0]])
    k = lambda gap: np.exp(-(gap**2) / 2)  # noqa: E731
    pairings = [k(1) + k(2) - k(4) - k(1), k(1) + k(2) - k(2) - k(3)]
    assert any(mmd2_linear_time(X, Y, 1.0) == pytest.approx(p) for p in pairings)


@pytest.mark.slow
@pytest.mark.parametrize("unbiased", [True, False])
def test_random_features_converge(unbiased):
    X, Y = samples(200, 150)
    exact = mmd2(X, Y, (1.0, 2.0), unbiased)
    errors = [
        np.mean(
            [
                abs(mmd2_random_features(X, Y, (1.0, 2.0), unbiased, features, seed) - exact)
                for seed in range(8)
            ]
        )
        for features in (50, 5000)
    ]
    assert errors[1] < 0.25 * errors[0]
    assert errors[1] < 0.01
    tensors = mmd2_random_features(torch.tensor(X), torch.tensor(Y), 1.0, unbiased)
    assert tensors.item() == pytest.approx(mmd2_random_features(X, Y, 1.0, unbiased), abs=1e-12)


def test_witness_is_the_difference_of_kernel_means():
    X, Y = samples(30, 20, 2)
    points = np.random.default_rng(3).normal(size=(11, 2))
    expected = [
        np.mean(np.exp(-((X - t) ** 2).sum(1) / 2)) - np.mean(np.exp(-((Y - t) ** 2).sum(1) / 2))
        for t in points
    ]
    assert witness(X, Y, points, 1.0) == pytest.approx(expected, abs=1e-12)
    assert witness(X, Y, points, 1.0, block=3) == pytest.approx(expected, abs=1e-12)
    # Its mean over X minus its mean over Y is the biased squared MMD.
    gap = witness(X, Y, X, 1.0).mean() - witness(X, Y, Y, 1.0).mean()
    assert gap == pytest.approx(mmd2(X, Y, 1.0, unbiased=False), abs=1e-12)
    tensors = witness(*(torch.tensor(Z) for Z in (X, Y, points)), 1.0)
    assert tensors.numpy() == pytest.approx(expected, abs=1e-12)


def test_median_bandwidth():
    X, Y = samples(40, 30, 3)
    pooled = np.concatenate([X, Y])
    gaps = [np.linalg.norm(pooled[i] - pooled[j]) for i in range(70) for j in range(i)]
    assert median_bandwidth(X, Y) == pytest.approx(np.median(gaps))
    assert median_bandwidth(pooled) == pytest.approx(np.median(gaps))
    assert median_bandwidth(torch.tensor(X), torch.tensor(Y)) == median_bandwidth(X, Y)
    assert median_bandwidth(X, Y, max_points=30) == pytest.approx(np.median(gaps), rel=0.2)
    assert median_bandwidth(np.ones((4, 2)) * 1e6) == 1.0
    mostly_equal = np.concatenate([np.zeros((9, 1)), np.full((1, 1), 3.0)])
    assert median_bandwidth(mostly_equal) == pytest.approx(3.0)


def test_bandwidth_ladder():
    assert bandwidth_ladder(2.0, 3) == (1.0, 2.0, 4.0)
    assert bandwidth_ladder(2.0, 2, 4.0) == (1.0, 4.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.zeros((0, 4))}, "X: got 0 rows, want at least 2"),
        ({"X": np.zeros((1, 4))}, "X: got 1 rows, want at least 2"),
        ({"X": np.zeros(4)}, "X: got shape"),
        ({"X": np.zeros((3, 0)), "Y": np.zeros((3, 0))}, "X: got rows without a feature"),
        ({"Y": np.zeros((5, 3))}, "Y: got rows of shape"),
        ({"Y": np.full((5, 4), np.nan)}, "Y: got 20 values that are NaN"),
        ({"Y": torch.zeros(5, 4)}, "Y: got Tensor beside ndarray X"),
        ({"X": [["a", "b"]]}, "X: got "),
        ({"bandwidth": 0}, "bandwidth: got "),
        ({"bandwidth": -1.0}, "bandwidth: got "),
        ({"bandwidth": (1.0, float("nan"))}, "bandwidth: got "),
        ({"bandwidth": ()}, "bandwidth: got "),
        ({"bandwidth": "mean"}, "bandwidth: got 'mean'"),
        ({"bandwidth": None}, "bandwidth: got None"),
        ({"kernel": "cubic"}, "kernel: got 'cubic'"),
        ({"kernel": "linear", "bandwidth": 2.0}, "bandwidth: got 2.0, but the linear"),
        ({"block": 0}, "block: got 0"),
    ],
)
def test_bad_input(change, message):
    X, Y = samples()
    with pytest.raises(ValueError, match=message):
        mmd2(**({"X": X, "Y": Y} | change))


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        (torch.zeros(3), torch.zeros(3), "X: got shape"),
        (torch.zeros(1, 2), torch.zeros(3, 2), "X: got 1 rows"),
        (torch.zeros(3, 2), torch.zeros(3, 3), "Y: got rows of shape"),
        (torch.full((3, 2), float("nan")), torch.zeros(3, 2), "X: got 6 values"),
        (torch.zeros(3, 2, dtype=torch.complex64), torch.zeros(3, 2), "X: got values of type"),
        (torch.zeros(3, 2), torch.zeros(3, 2, device="meta"), "Y: got a tensor on meta"),
    ],
)
def test_bad_tensors(X, Y, message):
    if Y.device.type == "meta":
        pytest.importorskip("torch")
        from tlbook.distances import _inputs

        # Meta tensors hold no values to check; only the devices are compared here.
        checked = lambda T, *_: T  # noqa: E731
        original, _inputs._one_tensor = _inputs._one_tensor, checked
        try:
            with pytest.raises(ValueError, match=message):
                mmd2(X, Y)
        finally:
            _inputs._one_tensor = original
        return
    with pytest.raises(ValueError, match=message):
        mmd2(X, Y)


def test_integers_lists_and_mixed_precision():
    X, Y = [[0, 0], [1, 2], [3, 1]], [[1, 1], [4, 4]]
    expected = double_loop(np.array(X, float), np.array(Y, float), (2.0,), True)
    assert mmd2(X, Y, 2) == pytest.approx(expected)
    assert mmd2(torch.tensor(X), torch.tensor(Y), 2).item() == pytest.approx(expected, abs=1e-6)
    mixed = mmd2(torch.tensor(X).float(), torch.tensor(Y).double(), torch.tensor(2.0))
    assert mixed.dtype == torch.float64
    assert mixed.item() == pytest.approx(expected)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_agrees_with_the_processor():
    X, Y = samples(300, 200, 8)
    for name, sigmas in LADDERS.items():
        tensors = [torch.tensor(Z, device="cuda", requires_grad=True) for Z in (X, Y)]
        value = mmd2(*tensors, sigmas, block=128)
        assert value.device.type == "cuda"
        assert value.item() == pytest.approx(mmd2(X, Y, sigmas), abs=1e-10), name
        on_cpu = [torch.tensor(Z, requires_grad=True) for Z in (X, Y)]
        expected = torch.autograd.grad(mmd2(*on_cpu, sigmas), on_cpu)
        for a, b in zip(torch.autograd.grad(value, tensors), expected, strict=True):
            torch.testing.assert_close(a.cpu(), b, rtol=0, atol=1e-12)
