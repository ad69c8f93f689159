"""The training loop in the open: what ``fit`` does, without its options."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tlbook._base.named import named
from tlbook.objective import Batch, Objective
from tlbook.training.draws import Draws, split_data, to_labels, to_tensor
from tlbook.training.placement import STREAMS
from tlbook.training.randomness import own_randomness


@named
def plain_loop(
    model: nn.Module,
    data: Any,
    objective: Objective,
    *,
    steps: int = 500,
    batch_size: int = 64,
    lr: float = 1e-3,
    seed: int = 0,
) -> None:
    r"""Train ``model`` in place on the CPU: draw, evaluate the objective, step downhill.

    .. math:: w_{t+1} = \mathrm{AdamW}\bigl(w_t,\; \nabla_w (L_S + \lambda L_T
        + \textstyle\sum_j \alpha_j A_j + \Omega)(w_t; \text{draw } t)\bigr)

    :func:`~tlbook.training.fit` with the same arguments ends with the same weights, bit for bit.

    Parameters
    ----------
    model : nn.Module
        With ``features(x)`` and ``head(z)``.
    data : Task, Domain, (X, y) or dict of these by part
        As for ``fit``, arrays only.
    objective : Objective
        What to minimize.
    steps, batch_size : int
        Gradient steps, and rows of each draw.
    lr : float
        Learning rate, the same at all steps.
    seed : int
        Seed of draws and dropout.

    Examples
    --------
    ``plain_loop(model, {"source": (X, y), "target": X_new}, Objective(cross_entropy, MMD()))``
    """
    cpu = torch.device("cpu")
    offers, parts = split_data(data), {}
    for name in sorted(objective.needs & set(offers)):  # source, target, labeled target
        X, y = offers[name]()
        x = to_tensor(X, cpu)  # (n, ...)
        labels = None if y is None else to_labels(y, len(x), cpu)  # (n,)
        parts[name] = x, labels, Draws(len(x), batch_size, seed, STREAMS[name])

    groups: list[dict[str, Any]] = [{"params": model.parameters()}]
    for term in objective.named_terms().values():  # a discriminator learns too
        groups.append({"params": term.parameters(), "lr": lr * term.lr_ratio})
    optimizer = torch.optim.AdamW(groups, lr=lr, weight_decay=0.0, fused=True)

    model.train()
    objective.train()
    with own_randomness(cpu, seed):  # the seed of dropout
        for step in range(steps):
            drawn: dict[str, Any] = {}
            for name, (x, labels, draws) in parts.items():
                rows = torch.from_numpy(draws.at(step))  # (b,) row numbers
                drawn[f"{name}_x"] = x[rows]  # (b, ...)
                if labels is not None:
                    drawn[f"{name}_y"] = labels[rows]  # (b,)
            progress = step / max(1, steps - 1)  # from 0 to 1, for weights on a ramp
            batch = Batch(model, **drawn, progress=progress, step=step, lr=lr)

            loss, _ = objective(batch)  # a scalar, and its parts by name
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
