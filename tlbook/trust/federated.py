"""Federated averaging: models travel, rows stay where they are."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.training.draws import to_labels, to_tensor


@named
def fed_avg(
    model: nn.Module,
    clients: Sequence[tuple[Any, Any]],
    rounds: int,
    local_steps: int = 1,
    learning_rate: float = 0.1,
    batch_size: int | None = None,
    proximal: float = 0.0,
    keep_local: Callable[[str], bool] | None = None,
    seed: int = 0,
    watch: Callable[[int, nn.Module], None] | None = None,
) -> nn.Module:
    r"""Train a model in place by federated averaging (FedAvg), or with a proximal term (FedProx).

    .. math:: w_{r+1} = \sum_k \frac{n_k}{n} w_k^{(r)}, \qquad
        w_k^{(r)} = \text{local SGD from } w_r \text{ on } L_k(w) + \tfrac{\mu}{2} \|w - w_r\|^2

    With one local step on all rows of each client it *is* gradient descent on all rows together.
    With more steps each client runs towards its own optimum; where clients have different classes
    these lie apart, and the average of the models is the model of nobody. The gradients that leave
    a client can reveal its rows: federation alone is not privacy.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to logits (n, k); stays in eval mode for buffers that ``keep_local`` names.
    clients : sequence of (X, y)
        The rows of each client, on their side.
    rounds : int
        Times that the models are averaged.
    local_steps : int
        Steps of plain SGD between two averages.
    learning_rate : float
    batch_size : int, optional
        Rows of a local step; all rows of the client if left out.
    proximal : float
        μ; 0 is FedAvg.
    keep_local : function(name) -> bool, optional
        Parameters and buffers that are not averaged, such as those of BatchNorm; each client keeps
        its own, and the model that is returned has those of the last client. All are averaged if
        left out.
    seed : int
        Of the batches.
    watch : function(round, model), optional
        Called after each average.

    Returns
    -------
    nn.Module
        The model that came, trained.

    Raises
    ------
    ValueError
        If there are no clients or a number does not fit.

    References
    ----------
    McMahan, Moore, Ramage, Hampson and Agüera y Arcas, Communication-efficient learning of deep
    networks from decentralized data, AISTATS 2017. Li et al., Federated optimization in
    heterogeneous networks, MLSys 2020 (FedProx).

    Examples
    --------
    >>> import torch
    >>> from tlbook.trust import fed_avg
    >>> X, y = torch.randn(40, 2), torch.arange(40) % 2
    >>> model = fed_avg(torch.nn.Linear(2, 2), [(X[:10], y[:10]), (X[10:], y[10:])], rounds=3)
    """
    if not clients:
        raise ValueError("clients: got none, want at least one (X, y)")
    for value, name in ((rounds, "rounds"), (local_steps, "local_steps")):
        check_positive(value, name, integer=True)
    check_positive(learning_rate, "learning_rate")
    check_positive(proximal, "proximal", zero_ok=True)
    device = next(p.device for p in model.parameters())
    rows = [_rows(X, y, device) for X, y in clients]
    share = torch.tensor([len(x) for x, _ in rows], dtype=torch.float64)
    share /= share.sum()
    own: list[dict[str, Tensor]] = [{} for _ in rows]
    rng = np.random.default_rng(seed)
    for number in range(rounds):
        returned = []
        for kept, (x, y) in zip(own, rows, strict=True):
            local = copy.deepcopy(model)
            local.load_state_dict(kept, strict=False)
            _descend(local, model, x, y, local_steps, learning_rate, batch_size, proximal, rng)
            state = local.state_dict()
            kept.update({k: v for k, v in state.items() if keep_local and keep_local(k)})
            returned.append(state)
        model.load_state_dict(_average(returned, share))
        model.load_state_dict(own[-1], strict=False)
        if watch is not None:
            watch(number, model)
    return model


def _rows(X: Any, y: Any, device: torch.device) -> tuple[Tensor, Tensor]:
    x = to_tensor(X, device)
    return x, to_labels(y, len(x), device)


def _descend(
    local: nn.Module,
    shared: nn.Module,
    x: Tensor,
    y: Tensor,
    steps: int,
    rate: float,
    batch_size: int | None,
    proximal: float,
    rng: np.random.Generator,
) -> None:
    optimizer = torch.optim.SGD(local.parameters(), lr=rate)
    anchors = [p.detach() for p in shared.parameters()]
    for _ in range(steps):
        batch, labels = x, y
        if batch_size is not None and batch_size < len(x):
            chosen = torch.from_numpy(rng.choice(len(x), batch_size, replace=False)).to(x.device)
            batch, labels = x[chosen], y[chosen]
        loss = nn.functional.cross_entropy(local(batch), labels)
        if proximal:
            pairs = zip(local.parameters(), anchors, strict=True)
            loss = loss + proximal / 2 * sum(((p - a) ** 2).sum() for p, a in pairs)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _average(states: Sequence[dict[str, Tensor]], share: Tensor) -> dict[str, Tensor]:
    """Return the mean of the clients' states, each by its share of the rows."""
    mean = {}
    for name, first in states[0].items():
        stacked = torch.stack([state[name].double() for state in states])
        weights = share.to(stacked).reshape(-1, *[1] * first.ndim)
        mean[name] = (stacked * weights).sum(dim=0).to(first.dtype)
    return mean
