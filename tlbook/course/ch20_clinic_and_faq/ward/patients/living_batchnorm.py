"""BatchNorm that lives in a "frozen" network: its statistics follow the batches."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def sick(body: nn.Module, head: nn.Module, x: Any, y: Any) -> None:
    """Train the head for one step on a frozen body."""
    model = nn.Sequential(body, head)
    body.requires_grad_(False)
    model.train()
    _step(model, head, x, y)


def cured(body: nn.Module, head: nn.Module, x: Any, y: Any) -> None:
    """Do the same with the body in evaluation mode."""
    model = nn.Sequential(body, head)
    body.requires_grad_(False)
    model.train()
    body.eval()
    _step(model, head, x, y)


def _step(model: Any, head: nn.Module, x: Any, y: Any) -> None:
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def cached(body: nn.Module, head: nn.Module, x: Any, y: Any) -> None:
    """Compute the features once, then train the head on them; the body's weights stay open."""
    body.eval()
    with torch.no_grad():
        z = body(x)
    _step(head, head, z, y)


def careless_head(body: nn.Module, head: nn.Module, x: Any, y: Any) -> None:
    """Keep the body as it is and spoil the head by a rate of 100: low accuracy, no such fault."""
    body.requires_grad_(False).eval()
    optimizer = torch.optim.SGD(head.parameters(), lr=100)
    nn.functional.cross_entropy(head(body(x)), y).backward()
    optimizer.step()


def eval_too_early(body: nn.Module, head: nn.Module, x: Any, y: Any) -> None:
    """Set evaluation mode, which ``train`` takes back; leave the body in evaluation mode."""
    model = nn.Sequential(body.requires_grad_(False).eval(), head)
    model.train()
    _step(model, head, x, y)
    model.eval()


def _parts() -> tuple[nn.Module, nn.Module, Any, Any]:
    rng = torch.Generator().manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        body = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU())
        head = nn.Linear(8, 3)
    x = 3 + 2 * torch.randn(30, 5, generator=rng)
    return body, head, x, torch.arange(30) % 3


def test(code: Any) -> None:
    """Compare all that the body holds, statistics included, before and after a step."""
    body, head, x, y = _parts()
    before = copy.deepcopy(body.state_dict())
    code(body, head, x, y)
    moved = [name for name, value in body.state_dict().items() if not value.equal(before[name])]
    assert not moved, f"the frozen body changed: {', '.join(moved)}"


def symptom_test(code: Any) -> None:
    """Ask whether the body is in evaluation mode after the step."""
    body, head, x, y = _parts()
    code(body, head, x, y)
    assert not body.training, "the body is in training mode"


PATIENT = Patient(
    name="living_batchnorm",
    story="A pretrained body was frozen with requires_grad_(False), and a new head trained on it. "
    "The features were cached for a second head a week later.",
    symptom="The same picture has other features after training than before, and the cached "
    "features fit no longer.",
    promise="code(body, head, x, y) trains the head for one step, in place, and leaves the frozen "
    "body as it is.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("a weight of the body is trained", "no parameter of the body moves"),
        Cause("dropout is on when features are read", "two passes of one picture agree"),
        Cause("the preprocessing differs", "the tensor that enters the body is the same"),
    ),
    cure="body.eval() after every model.train(), or a train() of the module that keeps it there.",
    chapter="06",
    healthy={
        "caches the features and never says requires_grad_(False)": cached,
        "loses its accuracy by a rate of 100 in the head": careless_head,
    },
    hidden={"is back in evaluation mode at its end": eval_too_early},
    symptom_test=symptom_test,
)
