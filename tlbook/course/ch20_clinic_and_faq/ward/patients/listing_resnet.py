"""D1 §5 (ResNet in PyTorch): gradients that are never zeroed."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from tlbook.course.ch13_pytorch_practice.published import train_as_published
from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def sick(model: nn.Module, X: Any, y: Any, steps: int) -> None:
    """Train in place."""
    train_as_published(model, X, y, steps=steps, lr=0.1, optimizer="sgd", batch_size=len(X))


def cured(model: nn.Module, X: Any, y: Any, steps: int) -> None:
    """Do the same, with the gradients set to zero before each backward pass."""
    train_as_published(
        model, X, y, steps=steps, lr=0.1, optimizer="sgd", batch_size=len(X), zeroed=True
    )


def _optimizer(model: nn.Module) -> Any:
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)


def fresh_gradients(model: nn.Module, X: Any, y: Any, steps: int) -> None:
    """Do the same with torch.autograd.grad, which adds nothing up; no zero_grad anywhere."""
    inputs, labels = torch.as_tensor(X), torch.as_tensor(y)
    optimizer, weights = _optimizer(model), list(model.parameters())
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(inputs), labels)
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.grad = gradient
        optimizer.step()


def two_halves(model: nn.Module, X: Any, y: Any, steps: int) -> None:
    """Add the gradients of two half batches up on purpose, and clear them after each step."""
    inputs, labels = torch.as_tensor(X), torch.as_tensor(y)
    optimizer = _optimizer(model)
    for _ in range(steps):
        for half in (slice(0, len(X) // 2), slice(len(X) // 2, None)):
            loss = nn.functional.cross_entropy(model(inputs[half]), labels[half])
            (0.5 * loss).backward()
        optimizer.step()
        optimizer.zero_grad()


def test(code: Any) -> None:
    """Compare three steps with three steps of a loop that is known to be right."""
    X = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    y = torch.arange(8) % 2
    model = nn.Linear(3, 2)
    known = copy.deepcopy(model)
    code(model, X.numpy(), y.numpy(), 3)
    optimizer = _optimizer(known)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(known(X), y).backward()
        optimizer.step()
    off = float((model.weight - known.weight).detach().abs().max())
    assert off < 1e-5, f"after three steps a weight is off by {off:.2g}"


def symptom_test(code: Any) -> None:
    """Ask whether the gradients are zero at the end."""
    model, X = nn.Linear(3, 2), torch.randn(8, 3)
    code(model, X.numpy(), (torch.arange(8) % 2).numpy(), 3)
    left = [p.grad for p in model.parameters() if p.grad is not None]
    assert not left or float(left[0].abs().max()) == 0, "gradients are left over"


PATIENT = Patient(
    name="listing_resnet",
    story="The loop of D1 §5: forward, backward, step, over the batches of a loader.",
    symptom="The loss falls for a while, then rises, at each learning rate that was tried.",
    promise="code(model, X, y, steps) trains in place: each step is one of torch.optim.SGD "
    "(lr 0.1, momentum 0.9, nesterov) on the cross-entropy of all rows.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the learning rate is too large", "at a tenth of the rate it rises as well, later"),
        Cause("the labels are noisy", "the training loss rises too, which noise does not explain"),
        Cause("BatchNorm in the wrong mode", "a network without BatchNorm shows it as well"),
    ),
    cure="optimizer.zero_grad() before backward.",
    chapter="13",
    healthy={
        "never says zero_grad and adds nothing up": fresh_gradients,
        "adds two half batches up on purpose": two_halves,
    },
    symptom_test=symptom_test,
)
