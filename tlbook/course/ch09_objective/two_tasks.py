"""Two regression tasks that share a trunk of one unit: the smallest case of a compromise.

Task i is to predict x · u_i; the trunk computes one number v · x, and each task has a head of its
own. Inputs are whitened exactly, so that the best trunk is an eigenvector.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn
from torch.nn import functional as F

from tlbook._base.checks import check_positive
from tlbook.finetuning import FirstTask, SecondTask, UncertaintyWeighting
from tlbook.models import seeded, wrap
from tlbook.objective import Objective
from tlbook.training import fit

DIRECTIONS = np.array([[1, 0, 0, 0], [0.5, 0.75**0.5, 0, 0]])  # u_1 and u_2, 60 degrees apart


def white_inputs(n: int = 300, seed: int = 0) -> np.ndarray:
    """Return n rows of 4 numbers with mean 0 and covariance exactly the identity, float32."""
    check_positive(n, "n", integer=True)
    if n < 5:
        raise ValueError(f"n: got {n}, want at least 5")
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(np.column_stack([np.ones(n), rng.normal(size=(n, 4))]))[0][:, 1:]
    return (Q * np.sqrt(n)).astype(np.float32)


def best_compromise(weight: float, unit: float = 1.0) -> np.ndarray:
    r"""Return the errors of both tasks (in the old unit) at the minimum, exactly.

    The trunk v is the first eigenvector of :math:`u_1 u_1^\top + \lambda c^2 u_2 u_2^\top`, with c
    the unit of task 2, and the error of task i is :math:`1 - (v \cdot u_i)^2`.

    Parameters
    ----------
    weight : float
        λ, on the second task's loss.
    unit : float
        c: what the second task's targets are multiplied by.
    """
    check_positive(weight, "weight", zero_ok=True)
    check_positive(unit, "unit")
    u, w = DIRECTIONS
    v = np.linalg.eigh(np.outer(u, u) + weight * unit**2 * np.outer(w, w))[1][:, -1]
    return 1 - (DIRECTIONS @ v) ** 2


def trained_compromise(weight: float | None, unit: float = 1.0, steps: int = 400) -> np.ndarray:
    """Return the errors of both tasks after ``fit`` on the two losses.

    Parameters
    ----------
    weight : float or None
        λ; ``None`` learns the weights (``UncertaintyWeighting``).
    unit : float
        What the second task's targets are multiplied by.
    steps : int
        Gradient steps on all rows.
    """
    check_positive(unit, "unit")
    X = white_inputs()
    y1, y2 = (X @ DIRECTIONS.T * [1, unit]).astype(np.float32).T
    trunk = seeded(lambda: nn.Sequential(nn.Linear(4, 1, bias=False), nn.Linear(1, 1)), 0)
    model, head = wrap(trunk), seeded(lambda: nn.Linear(1, 1), 1)
    if weight is None:
        tasks = FirstTask(1.0, _squared), SecondTask(head, 1.0, _squared)
        objective: Objective = Objective(None, UncertaintyWeighting(*tasks))
    else:
        objective = Objective(_squared, SecondTask(head, weight, _squared))
    fit(
        model, (X, y1), objective, labeled=(X, y2), steps=steps, batch_size=len(X), lr=0.1,
        schedule="cosine", optimizer="adam", device="cpu", progress=False,
    )  # fmt: skip
    v = model.body[0].weight.detach().numpy()[0].astype(float)  # type: ignore[index,union-attr]
    return 1 - (DIRECTIONS @ v / np.linalg.norm(v)) ** 2


def _squared(outputs: Tensor, y: Tensor) -> Tensor:
    return F.mse_loss(outputs[:, 0], y)
