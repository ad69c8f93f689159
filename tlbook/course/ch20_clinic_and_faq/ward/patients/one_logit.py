"""A domain classifier whose softmax sees one logit: its answer is 1, whatever it is asked."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def sick(width: int) -> nn.Module:
    """Return the domain classifier."""
    layers = [nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, 1), nn.Softmax(dim=1)]
    return nn.Sequential(*layers, nn.Flatten(0))


def cured(width: int) -> nn.Module:
    """Return the domain classifier with a sigmoid."""
    layers = [nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Flatten(0))


class _SecondOf(nn.Module):
    def forward(self, p: Any) -> Any:
        return p[:, 1]


def two_logits(width: int) -> nn.Module:
    """Return a classifier with two outputs, for which softmax is right."""
    layers = [nn.Linear(width, 16), nn.ReLU(), nn.Linear(16, 2), nn.Softmax(dim=1)]
    return nn.Sequential(*layers, _SecondOf())


def starts_undecided(width: int) -> nn.Module:
    """Return a classifier whose last layer starts at zero: 1/2 for every row, and it learns."""
    net = cured(width)
    last = net.get_submodule("2")
    for weights in last.parameters():
        nn.init.zeros_(weights)
    return net


class _Shrunk(nn.Module):
    def forward(self, p: Any) -> Any:
        return 0.5 * p


def smoothed(width: int) -> nn.Module:
    """Return the same fault behind a factor: 1/2 for every row, like a perfect confusion."""
    return nn.Sequential(sick(width), _Shrunk())


def trained(net: nn.Module) -> float:
    """Return the accuracy of a classifier after training on two clouds that are far apart."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(64, 4, generator=rng)
    domain = torch.arange(64) % 2
    x[domain == 1] += 6
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(200):
        loss = nn.functional.binary_cross_entropy(net(x).clamp(1e-6, 1 - 1e-6), domain.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(((net(x) > 0.5) == domain.bool()).float().mean())


def test(code: Any) -> None:
    """Two clouds six units apart: whoever can learn tells them apart."""
    right = trained(code(4))
    assert right > 0.95, f"it tells {100 * right:.0f} % of two separate clouds apart"


def symptom_test(code: Any) -> None:
    """Ask whether its answers are all the same before training."""
    with torch.no_grad():
        answers = code(4)(torch.randn(32, 4))
    assert float(answers.std()) > 0, "it gives every row the same answer"


PATIENT = Patient(
    name="one_logit",
    story="A team trains features against a domain classifier. Its accuracy has been 50 % from the "
    "first step on, and they report that the features hide their domain.",
    symptom="The domain loss does not move, and the classifier is right for half of the rows.",
    promise="code(width) returns a torch module: from features (n, width) to the probability that "
    "a row is from the target, shape (n,).",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause(
            "the features do hide the domain",
            "a logistic regression on the frozen features tells the domains apart",
        ),
        Cause(
            "the reversal is so strong that the classifier cannot follow",
            "with a reversal weight of 0 it does not learn either",
        ),
        Cause(
            "its learning rate is 0 or far too small",
            "at 100 times the rate it does not learn either",
        ),
    ),
    cure="One output takes a sigmoid (or the raw score goes to "
    "binary_cross_entropy_with_logits); softmax needs two outputs.",
    chapter="10",
    healthy={
        "has two outputs under its softmax": two_logits,
        "gives every row 1/2 before it is trained": starts_undecided,
    },
    hidden={"gives 1/2 in place of 1": smoothed},
    symptom_test=symptom_test,
)
