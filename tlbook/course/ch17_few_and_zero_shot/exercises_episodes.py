"""Exercises of chapter 17 about episodes: MAML's gradient, a leak, an alarm."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from tlbook.course.exercises.checkers import Probe, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

# -- q5: the gradient of MAML for a linear model --------------------------------------------------


def maml_gradient(theta, Xs, ys, Xq, yq, rate):
    """Return the slope of the query loss after one step on the support, with respect to θ."""
    step = 2 * Xs.T @ (Xs @ theta - ys) / len(Xs)
    moved = theta - rate * step
    g = 2 * Xq.T @ (Xq @ moved - yq) / len(Xq)
    H = 2 * Xs.T @ Xs / len(Xs)
    return g - rate * H @ g


def _slope(theta: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 2 * X.T @ (X @ theta - y) / len(X)


def _first_order(theta, Xs, ys, Xq, yq, rate):
    return _slope(theta - rate * _slope(theta, Xs, ys), Xq, yq)


def _at_the_start(theta, Xs, ys, Xq, yq, rate):
    g = _slope(theta, Xq, yq)
    return g - rate * 2 * Xs.T @ (Xs @ g) / len(Xs)


def _bends_of_the_queries(theta, Xs, ys, Xq, yq, rate):
    g = _first_order(theta, Xs, ys, Xq, yq, rate)
    return g - rate * 2 * Xq.T @ (Xq @ g) / len(Xq)


def _half_the_bend(theta, Xs, ys, Xq, yq, rate):
    g = _first_order(theta, Xs, ys, Xq, yq, rate)
    return g - rate * Xs.T @ (Xs @ g) / len(Xs)


def _plus(theta, Xs, ys, Xq, yq, rate):
    g = _first_order(theta, Xs, ys, Xq, yq, rate)
    return g + rate * 2 * Xs.T @ (Xs @ g) / len(Xs)


def _linear_task() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(17)
    return rng.normal(size=3), *(rng.normal(size=s) for s in ((5, 3), 5, (8, 3), 8))


q5 = Exercise(
    "q5",
    "Write maml_gradient(theta, Xs, ys, Xq, yq, rate) for a linear model and mean squared errors: "
    "the gradient of the query loss after one support step, with respect to theta.",
    maml_gradient,
    mistakes={
        "That is the first-order version: the factor I − ηH is missing.": _first_order,
        "The query gradient g belongs at the moved parameters, after the support "
        "step.": _at_the_start,
        "H is the Hessian of the support loss, and you took that of the query "
        "loss.": _bends_of_the_queries,
        "The Hessian of a mean squared error is 2 XᵀX / n. The factor 2 is "
        "missing.": _half_the_bend,
        "The factor is I − ηH. You have added the second part.": _plus,
    },
    probes=[
        Probe("the gradient", on(*_linear_task(), 0.1), tolerance=1e-9),
        Probe("the gradient with a rate of 0", on(*_linear_task(), 0.0), tolerance=1e-9),
    ],
    hints=(
        "Three steps: move theta by the support gradient, take the query gradient g there, and "
        "multiply by the derivative of the move.",
        "The move is theta - rate * gradient. Its derivative is I - rate * H.",
        "g - rate * H @ g, with H = 2 * Xs.T @ Xs / len(Xs).",
    ),
)

# -- q6: repair this script: the other queries tell -----------------------------------------------


def distances(net, support, y, query):
    """Return squared distances (queries, classes) to the class means; a query alone decides."""
    net.eval()
    with torch.no_grad():
        zs, zq = net(support), net(query)
    means = torch.stack([zs[y == c].mean(dim=0) for c in range(int(y.max()) + 1)])
    return torch.cdist(zq, means) ** 2


def _from(net: Any, zs: torch.Tensor, zq: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    means = torch.stack([zs[y == c].mean(dim=0) for c in range(int(y.max()) + 1)])
    return torch.cdist(zq, means).detach() ** 2


def _as_it_was(net, support, y, query):
    net.train()
    z = net(torch.cat([support, query]))
    middle = z[len(support) :].mean(dim=0)
    return _from(net, z[: len(support)] - middle, z[len(support) :] - middle, y)


def _apart_in_train_mode(net, support, y, query):
    net.train()
    zs = net(support)
    return _from(net, zs, net(torch.cat([query, query])), y)[: len(query)]


def _support_in_train_mode(net, support, y, query):
    net.train()
    zs = net(support)
    net.eval()
    return _from(net, zs, net(query), y)


def _not_squared(net, support, y, query):
    return distances(net, support, y, query) ** 0.5


def _net() -> nn.Module:
    g = torch.Generator().manual_seed(5)
    linear, norm = nn.Linear(4, 3), nn.BatchNorm1d(3)
    with torch.no_grad():
        linear.weight.copy_(torch.randn(3, 4, generator=g))
        linear.bias.zero_()
        assert norm.running_mean is not None
        norm.running_mean.copy_(torch.randn(3, generator=g))
    return nn.Sequential(linear, norm).requires_grad_(False)


def _on_a_copy(support: torch.Tensor, y: torch.Tensor, query: torch.Tensor) -> Callable[..., Any]:
    """Ask with a fresh network: one in training mode changes its averages in every call."""
    net = _net()
    return lambda answer: answer(copy.deepcopy(net).train(), support, y, query)


def _few_rows() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(6)
    return (
        torch.randn(4, 4, generator=g),
        torch.tensor([0, 0, 1, 1]),
        torch.randn(6, 4, generator=g),
    )


SUPPORT, LABELS, QUERIES = _few_rows()
ALONE = QUERIES[:1]

q6 = Exercise(
    "q6",
    "Repair distances(net, support, y, query): squared distances of each query to the class means. "
    "A query's row must not depend on the other queries, nor on the mode that net arrives in.",
    distances,
    mistakes={
        "These are the lines as they were. BatchNorm in training mode normalizes by the queries of "
        "the call, so they decide together.": _as_it_was,
        "Support and queries are apart now, but both still pass in training mode. Each is "
        "normalized by its own statistics.": _apart_in_train_mode,
        "The support passes in training mode and the queries in eval mode. The two are normalized "
        "differently.": _support_in_train_mode,
        "These are distances. The question asks for squared distances.": _not_squared,
    },
    probes=[
        Probe("the distances", _on_a_copy(SUPPORT, LABELS, QUERIES), tolerance=1e-5),
        Probe(
            "the distances of one query", _on_a_copy(SUPPORT, LABELS, QUERIES[:1]), tolerance=1e-5
        ),
    ],
    hints=(
        "Which layer's output depends on the other rows of a call, and in which mode?",
        "net.eval() before the first call. After that it does not matter who passes with whom.",
        "The mean of the queries cancels in a difference. Leave it out all the same.",
    ),
)

# -- q7: read the table: which number rings -------------------------------------------------------

q7 = choice(
    "q7",
    "A training without labels ends with the loss 0.0000. Of its projections (64 columns) the mean "
    "standard deviation is 0.0001 and the effective rank 9. What has happened?",
    "all pictures came to one point; the standard deviation tells",
    {
        "nothing bad; a loss of 0 means that the views agree": (
            "They agree, and so do all other pictures. A constant has the loss 0, too."
        ),
        "nothing bad; a rank of 9 means that nine directions are in use": (
            "The effective rank does not see the scale: divide a cloud by a million, and its rank "
            "stays. Look at how large those nine directions are."
        ),
        "the projections lie on a line; the rank tells": (
            "On a line the rank would be 1. That is what is left without the covariance term."
        ),
    },
    hints=(
        "Which of the three numbers change if all projections are divided by a million?",
        "The rank is made of shares of the singular values. The standard deviation is not.",
    ),
    because="A rank near 1 with a large standard deviation is the other collapse, onto a line.",
)
