"""Learning a start: MAML, its first-order version, and Reptile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad
from torch.nn import functional as F

from tlbook._base.checks import check_choice, check_positive
from tlbook._base.named import named
from tlbook.fewshot.episodes import Episode, Predict
from tlbook.training.draws import to_labels, to_tensor

Loss = Callable[[Tensor, Tensor], Tensor]
State = dict[str, Tensor]


@named
def adapt(
    model: nn.Module,
    parameters: State,
    x: Tensor,
    y: Tensor,
    steps: int,
    rate: float,
    loss: Loss = F.cross_entropy,
    follow: bool = False,
) -> State:
    r"""Return parameters after a few steps of plain gradient descent on the support rows.

    .. math:: \theta_{t+1} = \theta_t - \eta\, \nabla_\theta L_S(\theta_t)

    Parameters
    ----------
    model : nn.Module
        Its structure; its own parameters are not touched.
    parameters : dict of tensors
        θ₀, by name.
    x, y : tensors
    steps, rate
    loss : function(outputs, y) -> scalar
    follow : bool
        Whether the result keeps its dependence on θ₀ through the gradients, as MAML's second order
        needs.

    Returns
    -------
    dict of tensors
    """

    def support_loss(theta: State) -> Tensor:
        return loss(functional_call(model, theta, (x,)), y)

    theta = parameters
    for _ in range(steps):
        slopes = grad(support_loss)(theta)
        if not follow:
            slopes = {name: slope.detach() for name, slope in slopes.items()}
        theta = {name: value - rate * slopes[name] for name, value in theta.items()}
    return theta


@named
def maml(
    model: nn.Module,
    X: Any,
    y: Any,
    drawn: Sequence[Episode],
    inner_steps: int = 1,
    inner_rate: float = 0.1,
    outer_rate: float = 1e-3,
    batch: int = 4,
    order: int = 2,
    loss: Loss = F.cross_entropy,
    targets: Any = None,
) -> list[float]:
    r"""Train a start in place from which one or few steps solve a new task (MAML).

    .. math:: \min_\theta \sum_{\text{episodes}} L_Q\!\left( \theta - \eta \nabla L_S(\theta)
        \right), \qquad \nabla_\theta = (I - \eta H_S)\, \nabla L_Q(\theta')

    ``order=2`` differentiates through the inner steps; ``order=1`` leaves the Hessian H out and
    takes ∇L_Q(θ′) itself. Adam on the outer gradient, averaged over ``batch`` episodes at a time.

    Parameters
    ----------
    model : nn.Module
        Maps (n, ...) to (n, ways) logits. Without BatchNorm, or with it in eval mode: statistics of
        the query rows would leak them.
    X, y : arrays of shape (rows, ...) and (rows,)
        Rows of the classes to train on; labels within an episode come from the episode.
    drawn : sequence of Episode
        Each is used once, in order.
    inner_steps, inner_rate, outer_rate
    batch : int
        Episodes for one outer step.
    order : {1, 2}
    loss : function(outputs, y) -> scalar
    targets : array of shape (rows, ...), optional
        For regression: taken in place of the episode's class labels.

    Returns
    -------
    list of float
        Mean query loss *after* adaptation at each outer step.

    Raises
    ------
    ValueError
        If numbers do not fit or there are no episodes.

    References
    ----------
    Finn, Abbeel and Levine, Model-agnostic meta-learning for fast adaptation of deep networks, ICML
    2017.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from tlbook.fewshot import episodes, maml
    >>> y = np.repeat(np.arange(6), 20)
    >>> X = np.eye(6, dtype=np.float32)[y] + 0.1
    >>> net = torch.nn.Linear(6, 5)
    >>> losses = maml(net, X, y, episodes(y, n=200), inner_rate=1.0, outer_rate=0.05)
    >>> bool(np.mean(losses[-10:]) < np.mean(losses[:10]))
    True
    """
    check_choice(order, "order", (1, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=check_positive(outer_rate, "outer_rate"))
    recorded = []
    for group in _groups(drawn, batch):
        optimizer.zero_grad()
        total = 0.0
        for support, query in _tasks(model, X, y, group, targets):
            start: State = dict(model.named_parameters())
            theta = adapt(model, start, *support, inner_steps, inner_rate, loss, order == 2)
            query_loss = loss(functional_call(model, theta, (query[0],)), query[1]) / len(group)
            query_loss.backward()  # of first order θ′ − θ is a constant: the slope at θ′
            total += float(query_loss.detach())
        optimizer.step()
        recorded.append(total)
    return recorded


@named
def reptile(
    model: nn.Module,
    X: Any,
    y: Any,
    drawn: Sequence[Episode],
    inner_steps: int = 5,
    inner_rate: float = 0.1,
    outer_rate: float = 0.3,
    batch: int = 4,
    loss: Loss = F.cross_entropy,
    targets: Any = None,
) -> None:
    r"""Train a start in place by walking towards what each task ends with (Reptile).

    .. math:: \theta \leftarrow \theta + \epsilon\, \overline{(\theta'_k - \theta)}

    No second derivative and no query rows: support and query of an episode together are the task.
    With one inner step it is plain training on all tasks mixed.

    Parameters
    ----------
    model, X, y, drawn, inner_steps, inner_rate, batch, loss, targets
        As in :func:`maml`.
    outer_rate : float
        ε in (0, 1].

    Raises
    ------
    ValueError
        If numbers do not fit or there are no episodes.

    References
    ----------
    Nichol, Achiam and Schulman, On first-order meta-learning algorithms, 2018.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from tlbook.fewshot import episodes, reptile
    >>> y = np.repeat(np.arange(6), 20)
    >>> net = torch.nn.Linear(6, 5)
    >>> reptile(net, np.eye(6, dtype=np.float32)[y], y, episodes(y, n=8))
    """
    check_positive(outer_rate, "outer_rate")
    for group in _groups(drawn, batch):
        start = {name: value.detach().clone() for name, value in model.named_parameters()}
        moved = {name: torch.zeros_like(value) for name, value in start.items()}
        for support, query in _tasks(model, X, y, group, targets):
            rows = tuple(torch.cat(pair) for pair in zip(support, query, strict=True))
            theta = adapt(model, start, rows[0], rows[1], inner_steps, inner_rate, loss)
            for name, value in theta.items():
                moved[name] += (value - start[name]) / len(group)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.add_(outer_rate * moved[name])


@named
def adapted_learner(
    model: nn.Module, steps: int = 10, rate: float = 0.1
) -> Callable[[np.ndarray, np.ndarray], Predict]:
    """Return a learner for :func:`episode_accuracies`: a few steps from the model's start.

    Parameters
    ----------
    model : nn.Module
        Left as it is; it runs in eval mode.
    steps : int
    rate : float

    Returns
    -------
    function(support, labels) -> function(rows) -> labels

    Examples
    --------
    >>> import numpy as np, torch
    >>> from tlbook.fewshot import adapted_learner
    >>> learn = adapted_learner(torch.nn.Linear(3, 3), steps=50, rate=1.0)
    >>> learn(np.eye(3), np.arange(3))(np.eye(3)).tolist()
    [0, 1, 2]
    """
    check_positive(steps, "steps", integer=True)
    check_positive(rate, "rate")
    device = next(p.device for p in model.parameters())

    def learn(support: np.ndarray, labels: np.ndarray) -> Predict:
        model.eval()
        start = {name: value.detach() for name, value in model.named_parameters()}
        x = to_tensor(support, device)
        theta = adapt(model, start, x, to_labels(labels, len(x), device), steps, rate)

        def predict(rows: Any) -> np.ndarray:
            with torch.no_grad():
                return (
                    functional_call(model, theta, (to_tensor(rows, device),))
                    .argmax(1)
                    .cpu()
                    .numpy()
                )

        return predict

    return learn


def _groups(drawn: Sequence[Episode], batch: int) -> list[Sequence[Episode]]:
    check_positive(batch, "batch", integer=True)
    if not drawn:
        raise ValueError("drawn: got no episodes, want at least one")
    return [drawn[i : i + batch] for i in range(0, len(drawn), batch)]


def _tasks(
    model: nn.Module, X: Any, y: Any, group: Sequence[Episode], targets: Any
) -> list[tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]]:
    device = next(p.device for p in model.parameters())
    rows = np.asarray(X)
    if len(rows) != len(np.asarray(y)):
        raise ValueError(f"y: got {len(np.asarray(y))} labels, want {len(rows)}, one per row")
    tasks = []
    for e in group:
        parts = []
        for chosen, labels in ((e.support, e.support_y), (e.query, e.query_y)):
            answers = (
                torch.as_tensor(labels) if targets is None else to_tensor(targets[chosen], device)
            )
            parts.append((to_tensor(rows[chosen], device), answers.to(device)))
        tasks.append((parts[0], parts[1]))
    return tasks
