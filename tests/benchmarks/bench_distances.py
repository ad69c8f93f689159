"""Distances: MK-MMD² with its gradient against plain autograd and two peers; the test."""

from collections.abc import Callable

import numpy as np
import torch

from tests.benchmarks._harness import Row, median_seconds, peak_mib
from tlbook.distances import bandwidth_ladder, median_bandwidth, mmd2, mmd_test

N, D = 2000, 256


def _inputs(n: int = N, d: int = D) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(n, d, generator=generator)
    Y = 1.1 * torch.randn(n, d, generator=generator) + 0.1
    return X.requires_grad_(), Y.requires_grad_()


def _cdist_squared(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    return torch.cdist(A, B) ** 2


def _product_squared(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
    return (A * A).sum(1)[:, None] + (B * B).sum(1) - 2 * A @ B.T


def plain_mmd2(
    X: torch.Tensor,
    Y: torch.Tensor,
    sigmas: tuple[float, ...],
    distances: Callable[..., torch.Tensor] = _cdist_squared,
) -> torch.Tensor:
    """The same function as anybody would write it, left to autograd."""

    def kernel(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:
        squared = distances(A, B)
        return sum(torch.exp(-squared / (2 * sigma**2)) for sigma in sigmas)

    n, m = len(X), len(Y)
    xx, yy = kernel(X, X), kernel(Y, Y)
    within_x = (xx.sum() - xx.diagonal().sum()) / (n * (n - 1))
    within_y = (yy.sum() - yy.diagonal().sum()) / (m * (m - 1))
    return within_x + within_y - 2 * kernel(X, Y).mean()


def _with_gradient(
    function: Callable[..., torch.Tensor], X: torch.Tensor, Y: torch.Tensor
) -> Callable[[], tuple]:
    def work() -> tuple:
        value = function(X, Y)
        return value.detach(), *torch.autograd.grad(value, (X, Y))

    return work


def _peers(sigmas: tuple[float, ...]) -> dict[str, Callable[..., torch.Tensor]]:
    peers: dict[str, Callable[..., torch.Tensor]] = {}
    try:
        from pytorch_adapt.layers import MMDLoss

        gammas = torch.tensor([0.5 / sigma**2 for sigma in sigmas])
        loss = MMDLoss(kernel_scales=gammas, mmd_type="quadratic", bandwidth=1.0)
        peers["pytorch-adapt"] = lambda X, Y: loss(X, Y) * len(sigmas)  # it averages the kernels
    except ImportError:  # also where one of its own dependencies is missing
        pass
    try:
        from skada.deep.losses import dan_loss

        # Another kernel, exp(-|x - y| / sigma), and the biased estimate: same work, other value.
        peers["skada"] = lambda X, Y: dan_loss(X, Y, sigmas=list(sigmas))
    except ImportError:
        pass
    return peers


def _floor(X: torch.Tensor, Y: torch.Tensor) -> Callable[[], torch.Tensor]:
    """One product and one exponential for all pairs: no method that looks at them is faster."""
    pooled = torch.cat([X, Y]).detach()
    tile = torch.empty(500, len(pooled))

    def work() -> torch.Tensor:
        for start in range(0, len(pooled), 500):
            torch.mm(pooled[start : start + 500], pooled.T, out=tile)
            torch.exp(tile.clamp_(max=0), out=tile)
        return tile

    return work


def memory_gradient() -> Callable[[], object]:
    X, Y = _inputs()
    sigmas = bandwidth_ladder(22.0)
    _with_gradient(lambda A, B: mmd2(A, B, sigmas), *_inputs(40))()
    return _with_gradient(lambda A, B: mmd2(A, B, sigmas), X, Y)


def memory_plain() -> Callable[[], object]:
    X, Y = _inputs()
    sigmas = bandwidth_ladder(22.0)
    _with_gradient(lambda A, B: plain_mmd2(A, B, sigmas), *_inputs(40))()
    return _with_gradient(lambda A, B: plain_mmd2(A, B, sigmas), X, Y)


def memory_forward_large() -> Callable[[], object]:
    X, Y = (Z.detach() for Z in _inputs(20_000, 64))
    mmd2(X[:40], Y[:40], 11.0)
    return lambda: mmd2(X, Y, bandwidth_ladder(11.0))


def memory_forward_large_numpy() -> Callable[[], object]:
    X, Y = (Z.detach().numpy() for Z in _inputs(20_000, 64))
    mmd2(X[:40], Y[:40], 11.0)
    return lambda: mmd2(X, Y, bandwidth_ladder(11.0))


def _gradient_rows(repeats: int) -> list[Row]:
    X, Y = _inputs()
    sigmas = bandwidth_ladder(median_bandwidth(X, Y))
    functions = {
        "tlbook": lambda A, B: mmd2(A, B, sigmas),
        "plain autograd": lambda A, B: plain_mmd2(A, B, sigmas),
        "plain, by products": lambda A, B: plain_mmd2(A, B, sigmas, _product_squared),
        **_peers(sigmas),
    }
    work = {name: _with_gradient(function, X, Y) for name, function in functions.items()}
    ours = work["tlbook"]()
    for name in ("plain autograd", "plain, by products", "pytorch-adapt"):
        if name in work:  # the same function, or the comparison means nothing
            for a, b in zip(ours, work[name](), strict=True):
                scale = float(b.abs().max())
                torch.testing.assert_close(a, b, rtol=0, atol=1e-2 * scale + 1e-6)
    work["floor"] = _floor(X, Y)
    seconds = median_seconds(work, repeats)
    what = f"MK-MMD² + gradient, n = {N:,}, d = {D}"
    rows = [
        Row(f"{what}: seconds", seconds["tlbook"], "s"),
        Row("  floor: a bare product and one exponential", seconds["floor"], "s"),
        Row("  times the floor", seconds["tlbook"] / seconds["floor"], "x"),
    ]
    wants: dict[str, tuple[float | None, str]] = {
        "plain autograd": (4.0, "torch.cdist"),
        "plain, by products": (None, "plain autograd on |x|² + |y|² - 2 x·y: products dominate"),
        "pytorch-adapt": (3.0, "the same kernel"),
        "skada": (1.0, "another kernel: exp(-|x-y|/sigma)"),
    }
    for name, (want, note) in wants.items():
        if name not in seconds:
            rows.append(Row(f"  {name}", float("nan"), "x", note="not installed"))
            continue
        ratio = seconds[name] / seconds["tlbook"]
        detail = f"{seconds[name]:.2f} s; {note}"
        rows.append(Row(f"  faster than {name}", ratio, "x", want, note=detail))
    return rows


def _memory_rows() -> list[Row]:
    large = "forward, n = 20,000, d = 64: memory above the inputs"
    return [
        Row("  memory above the inputs", peak_mib(memory_gradient), "MiB", 64, False),
        Row("  memory of plain autograd", peak_mib(memory_plain), "MiB"),
        Row(f"{large}, tensors", peak_mib(memory_forward_large), "MiB", 300, False),
        Row(f"{large}, arrays", peak_mib(memory_forward_large_numpy), "MiB", 300, False),
    ]


def _test_rows(repeats: int) -> list[Row]:
    n, d, permutations = 1000, 64, 1000
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(2, n, d)).astype(np.float32)
    pooled = np.concatenate([X, Y])
    labels = rng.integers(0, 2, size=(2 * n, permutations)).astype(np.float32)

    def gram_and_product() -> np.ndarray:
        squared = (pooled**2).sum(1)
        exponent = (pooled @ pooled.T) * 2
        exponent -= squared
        exponent -= squared[:, None]
        exponent /= 2 * 11.0**2
        return np.exp(exponent, out=exponent) @ labels

    seconds = median_seconds(
        {
            "test": lambda: mmd_test(X, Y, permutations, bandwidth=11.0),
            "base": gram_and_product,
        },
        repeats,
    )
    ratio = seconds["test"] / seconds["base"]
    name = f"permutation test, {permutations:,} permutations, n = {n:,}: seconds"
    return [
        Row(name, seconds["test"], "s"),
        Row("  times one Gram matrix and one product", ratio, "x", 3, False),
    ]


def run(quick: bool = False) -> list[Row]:
    """All rows; about a minute, or half of it with ``quick``."""
    repeats = 3 if quick else 7
    return _gradient_rows(repeats) + _memory_rows() + _test_rows(repeats)
