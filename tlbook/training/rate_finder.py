"""The learning-rate range test: let the rate grow step by step and watch the loss."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_positive, check_probability
from tlbook._base.named import named
from tlbook.objective import Batch, Objective, Term
from tlbook.training.history import Divergence

TAKEN = ("steps", "lr", "schedule", "callback", "checkpoint", "early_stopping", "progress")


@dataclass(frozen=True)
class RateCurve:
    """The loss while the learning rate grew.

    Attributes
    ----------
    rates, losses, smoothed : arrays of shape (n,)
        Rate of each step, the loss before that step, and its smoothed course.
    diverged : bool
        Whether the loss blew up before the largest rate was reached.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    diverged: bool

    @property
    def lowest(self) -> float:
        """The rate at which the smoothed loss was lowest: beyond it steps are too long."""
        return float(self.rates[int(np.argmin(self.smoothed))])

    @property
    def steepest(self) -> float:
        """The rate at which the smoothed loss fell fastest against the logarithm of the rate."""
        end = int(np.argmin(self.smoothed)) + 1
        if end < 3:
            raise ValueError(
                "rates: the loss never fell; start from a lower rate, or look at the data"
            )
        slope = np.gradient(self.smoothed[:end], np.log(self.rates[:end]))
        return float(self.rates[int(np.argmin(slope))])

    def below(self, factor: float = 10.0) -> float:
        """Return a rate ``factor`` times below the one with the lowest loss."""
        return self.lowest / check_positive(factor, "factor")

    def __repr__(self) -> str:
        end = "ended by a blow-up" if self.diverged else "no blow-up"
        return (
            f"RateCurve({len(self.rates)} steps from {self.rates[0]:.1e} to {self.rates[-1]:.1e}, "
            f"lowest loss at {self.lowest:.1e}, {end})"
        )


@named
def find_rate(
    model: nn.Module,
    data: Any,
    objective: Objective | Term | None = None,
    *,
    low: float = 1e-5,
    high: float = 1.0,
    steps: int = 100,
    smoothing: float = 0.9,
    blow_up: float = 4.0,
    **options: Any,
) -> RateCurve:
    r"""Train with a rate that grows from ``low`` to ``high``, record the loss, put all back.

    .. math:: \eta_t = \eta_\text{low}
        \left(\frac{\eta_\text{high}}{\eta_\text{low}}\right)^{t / (T - 1)}, \qquad
        \tilde L_t = \frac{\sum_{s \le t} \beta^{t - s} L_s}{\sum_{s \le t} \beta^{t - s}}

    Parameters
    ----------
    model, data, objective
        As in :func:`~tlbook.training.fit`. Weights, statistics and modes of the model, and the
        parameters of the objective's terms, are afterwards what they were.
    low, high : float
        First and last rate.
    steps : int
        T: steps from one to the other.
    smoothing : float
        :math:`\beta` in [0, 1).
    blow_up : float
        The test ends when the smoothed loss is this many times above its lowest value so far.
    **options
        Passed to ``fit``: ``batch_size``, ``optimizer``, ``augment``, ``seed``, ``device``, and so
        on. If ``parameters`` are groups with rates of their own, the largest of these runs from
        ``low`` to ``high`` and the others keep their ratio to it.

    Returns
    -------
    RateCurve

    Raises
    ------
    ValueError
        If a number is out of range, an option is one that the test sets itself, or the
        loss is not finite at the lowest rate.

    Notes
    -----
    The rate with the lowest loss is *not* the best one: the loss lags behind, and there the
    training is about to break. Usual choices are the steepest descent and a tenth of the lowest.
    The test sees the training loss of a hundred steps only; validation decides.

    References
    ----------
    Smith (2017), Cyclical learning rates for training neural networks (first version 2015).

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.training import find_rate
    >>> curve = find_rate(models.create("digitnet"), data.load("handwriting"), steps=50)
    >>> curve.steepest < curve.lowest, curve.below(10) < curve.lowest
    (True, True)
    """
    from tlbook.training.fit import fit

    check_positive(steps, "steps", integer=True)
    check_positive(low, "low")
    check_positive(blow_up, "blow_up")
    check_probability(smoothing, "smoothing")
    if steps < 10:
        raise ValueError(f"steps: got {steps}, want at least 10")
    if not check_positive(high, "high") > low:
        raise ValueError(f"high: got {high:g}, want more than low = {low:g}")
    if smoothing == 1 or blow_up <= 1:
        raise ValueError(
            f"smoothing, blow_up: got {smoothing:g}, {blow_up:g}; want smoothing below 1 "
            "and blow_up above 1"
        )
    if taken := sorted(set(options) & set(TAKEN)):
        raise ValueError(f"{taken[0]}: the test sets it itself, want other options of fit")
    if options.get("parameters") is not None:
        options["parameters"] = _scaled(options["parameters"], high)
    given = Objective(None, objective) if isinstance(objective, Term) else objective or Objective()
    watched = _Watched(given)
    put_back = _kept(model, given)
    rates = low * (high / low) ** np.linspace(0, 1, steps)
    smooth = _Smooth(smoothing, blow_up)

    def look(step: int, _: Batch) -> bool:
        return smooth.add(float(watched.values[-1]))

    try:
        fit(
            model,
            data,
            watched,
            steps=steps,
            lr=high,
            schedule=lambda p: float((low / high) ** (1 - p)),
            callback=look,
            progress=False,
            **options,
        )
    except Divergence:
        smooth.over = True
    finally:
        put_back()
    n = len(smooth.means)
    if n < 3:
        raise ValueError(f"low: got {low:g}, at which the loss blows up at once; want it lower")
    losses = np.array(smooth.losses)
    return RateCurve(rates[:n], losses, np.array(smooth.means), smooth.over)


class _Watched(Objective):
    """The same objective, which also keeps each value."""

    def __init__(self, inner: Objective) -> None:
        super().__init__(inner.source_loss, *inner._terms())
        self.values: list[Tensor] = []

    def forward(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        total, parts = super().forward(batch)
        self.values.append(total.detach())
        return total, parts


class _Smooth:
    """A running mean that forgets, without the pull of a start at zero."""

    def __init__(self, beta: float, blow_up: float) -> None:
        self.beta, self.blow_up = beta, blow_up
        self.losses: list[float] = []
        self.means: list[float] = []
        self.sum = self.weight = 0.0
        self.over = False

    def add(self, loss: float) -> bool:
        """Take the next loss; return whether it has blown up."""
        self.sum = self.beta * self.sum + loss
        self.weight = self.beta * self.weight + 1
        self.losses.append(loss)
        self.means.append(self.sum / self.weight)
        best = min(self.means)
        self.over = best > 0 and self.means[-1] > self.blow_up * best
        return self.over


def _scaled(parameters: Iterable[Any], high: float) -> list[Any]:
    """Return groups whose largest rate is ``high``, as copies: the optimizer writes into them."""
    groups = [dict(p) if isinstance(p, dict) else p for p in parameters]
    rates = [g["lr"] for g in groups if isinstance(g, dict) and "lr" in g]
    for group in groups:
        if isinstance(group, dict) and "lr" in group:
            group["lr"] *= high / max(rates)
    return groups


def _kept(model: nn.Module, objective: nn.Module) -> Any:
    """Return a function that puts weights, buffers and modes back as they are now."""
    parts = [model, objective]
    states = [copy.deepcopy(part.state_dict()) for part in parts]
    modes = [(m, m.training) for part in parts for m in part.modules()]

    def put_back() -> None:
        with torch.no_grad():
            for part, state in zip(parts, states, strict=True):
                part.load_state_dict(state)
        for module, mode in modes:
            module.training = mode
        for part in parts:
            part.zero_grad(set_to_none=True)

    return put_back
