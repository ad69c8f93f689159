"""Toy tasks with a shift that is known exactly: for mathematics and for widgets."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_choice, check_positive
from tlbook.data.catalogue import load_again
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task

N_TEST = 1000
Pair = tuple[np.ndarray, np.ndarray]
Draw = Callable[[int, np.random.Generator], Pair]


def load_toy(seed: int = 0, *, kind: str = "gaussians", n: int = 200, **options: Any) -> Task:
    """Return a small task with a chosen shift.

    Parameters
    ----------
    seed : int
        Which sample is drawn.
    kind : {"gaussians", "moons", "regression"}
        What is drawn, see :func:`gaussians`, :func:`moons` and :func:`regression`.
    n : int
        Rows of the source, of the validation part and of the target's training part each; the
        target's test part has 1,000.
    **options
        Parameters of the shift.

    Raises
    ------
    ValueError
        For an unknown kind or option, or a number out of range.
    """
    check_seed(seed)
    make = KINDS[check_choice(kind, "kind", tuple(KINDS))]
    check_positive(n, "n", integer=True)
    if n < 4:
        raise ValueError(f"n: got {n}, want at least 4")
    known = list(inspect.signature(make).parameters)
    unknown = [option for option in options if option not in known]
    if unknown:
        raise ValueError(
            f"options of {kind!r}: got {', '.join(unknown)}, want one of n, {', '.join(known)}"
        )
    source, target = make(**options)

    def draw(draw_one: Draw, rows: int, part: str) -> Pair:
        X, y = draw_one(rows, generator(f"toy {kind} {part}", seed))
        return X.astype(np.float32), y

    is_regression = kind == "regression"
    classes = None if is_regression else ("0", "1")
    return Task(
        "toy",
        seed=seed,
        options={"kind": kind, "n": n, **options},
        source=Domain(f"{kind} (source)", *draw(source, n, "source"), classes),
        validation=Domain(f"{kind} (validation)", *draw(source, n, "validation"), classes),
        target_train=draw(target, n, "target"),
        target_test=draw(target, N_TEST, "test"),
        classes=classes,
        kind="regression" if is_regression else "classification",
        recipe=load_again,
    )


def gaussians(
    shift: Any = (2.0, 0.0), angle: float = 0.0, scale: float = 1.0, gap: float = 3.0
) -> tuple[Draw, Draw]:
    """Two round classes in the plane; the target is scaled, then turned, then moved.

    ``x = (±gap/2, 0) + ε`` with ε ~ N(0, I) in the source, ``x′ = shift + scale · R(angle) x`` in
    the target. The best accuracy in both is Φ(gap/2) (0.933 for gap = 3).

    Parameters
    ----------
    shift : two numbers
        Displacement of the target.
    angle : float
        Degrees, counter-clockwise.
    scale : float
        Factor above 0.
    gap : float
        Distance of the class means, in standard deviations.
    """
    move = check_array(shift, "shift", ndim=1)
    if move.shape != (2,):
        raise ValueError(f"shift: got {len(move)} numbers, want 2")
    turn = _rotation(angle)
    check_positive(scale, "scale")
    check_positive(gap, "gap", zero_ok=True)

    def source(n: int, rng: np.random.Generator) -> Pair:
        y = rng.permutation(np.arange(n) % 2)
        X = rng.normal(size=(n, 2))
        X[:, 0] += gap * (y - 0.5)
        return X, y

    def target(n: int, rng: np.random.Generator) -> Pair:
        X, y = source(n, rng)
        return scale * X @ turn.T + move, y

    return source, target


def moons(angle: float = 30.0, noise: float = 0.1) -> tuple[Draw, Draw]:
    """Two interleaved half circles, centered; the target is turned by ``angle`` degrees.

    Parameters
    ----------
    angle : float
        Degrees, counter-clockwise.
    noise : float
        Standard deviation of the points around the circles (of radius 1), at least 0.
    """
    turn = _rotation(angle)
    check_positive(noise, "noise", zero_ok=True)

    def source(n: int, rng: np.random.Generator) -> Pair:
        y = rng.permutation(np.arange(n) % 2)
        phase = rng.uniform(0, np.pi, n)
        upper = np.stack([np.cos(phase) - 0.5, np.sin(phase) - 0.25], 1)
        X = np.where(y[:, None] == 0, upper, -upper)
        return X + rng.normal(0, noise, (n, 2)), y

    def target(n: int, rng: np.random.Generator) -> Pair:
        X, y = source(n, rng)
        return X @ turn.T, y

    return source, target


def regression(shift: float = 1.0, noise: float = 0.3) -> tuple[Draw, Draw]:
    """A cubic seen at other places: covariate shift in one dimension.

    ``y = −x + x³ + ε``, ε ~ N(0, noise²), the same in both domains;
    x ~ N(0.5, 0.5²) in the source and x ~ N(0.5 − 0.5 · shift, 0.3²) in the target.

    Parameters
    ----------
    shift : float
        Distance of the means of x in standard deviations of the source.
    noise : float
        Standard deviation of ε, at least 0.

    References
    ----------
    Shimodaira, Improving predictive inference under covariate shift (2000), which has shift = 1.
    """
    _check_number(shift, "shift")
    check_positive(noise, "noise", zero_ok=True)

    def draw(mean: float, sd: float) -> Draw:
        def rows(n: int, rng: np.random.Generator) -> Pair:
            x = rng.normal(mean, sd, n)
            return x[:, None], -x + x**3 + rng.normal(0, noise, n)

        return rows

    return draw(0.5, 0.5), draw(0.5 - 0.5 * shift, 0.3)


def _check_number(value: Any, name: str) -> None:
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not np.isfinite(value):
        raise ValueError(f"{name}: got {value!r}, want a finite number")


def _rotation(angle: float) -> np.ndarray:
    _check_number(angle, "angle")
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return np.array([[cos, -sin], [sin, cos]])


KINDS: dict[str, Callable[..., tuple[Draw, Draw]]] = {
    "gaussians": gaussians,
    "moons": moons,
    "regression": regression,
}
