"""An MMD that is computed under ``no_grad``: the right number, and no way back to the features."""

from __future__ import annotations

from typing import Any

import torch

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def _gram(a: Any, b: Any, width: Any) -> Any:
    return torch.exp(-torch.cdist(a, b).square() / (2 * width**2))


def sick(zs: Any, zt: Any) -> Any:
    """Return the squared MMD of two sets of features."""
    with torch.no_grad():
        z = torch.cat([zs, zt])
        width = torch.cdist(z, z).median()
        gaps = _gram(zs, zs, width).mean() + _gram(zt, zt, width).mean()
        return gaps - 2 * _gram(zs, zt, width).mean()


def cured(zs: Any, zt: Any) -> Any:
    """Return the same; only the bandwidth is a constant."""
    with torch.no_grad():
        z = torch.cat([zs, zt])
        width = torch.cdist(z, z).median()
    gaps = _gram(zs, zs, width).mean() + _gram(zt, zt, width).mean()
    return gaps - 2 * _gram(zs, zt, width).mean()


def of_the_library(zs: Any, zt: Any) -> Any:
    """Return the unbiased estimate of the library, which may be below 0."""
    from tlbook.distances import mmd2

    return mmd2(zs, zt, unbiased=True)


def linear(zs: Any, zt: Any) -> Any:
    """Return the squared distance of the means: another kernel, another number."""
    return (zs.mean(0) - zt.mean(0)).square().sum()


def as_a_new_tensor(zs: Any, zt: Any) -> Any:
    """Return the number in a fresh tensor that asks for a gradient and leads nowhere."""
    return torch.tensor(float(cured(zs, zt).detach()), requires_grad=True)


def test(code: Any) -> None:
    """Ask for the gradient that reaches the features."""
    rng = torch.Generator().manual_seed(0)
    zs = torch.randn(32, 3, generator=rng, requires_grad=True)
    zt = torch.randn(32, 3, generator=rng) + 1
    distance = code(zs, zt)
    assert distance.requires_grad, "the distance has no gradient"
    distance.backward()
    assert zs.grad is not None and float(zs.grad.abs().max()) > 0, "no gradient at the features"


def symptom_test(code: Any) -> None:
    """Ask whether the result says that it has a gradient."""
    assert code(torch.randn(8, 2, requires_grad=True), torch.randn(8, 2)).requires_grad


PATIENT = Patient(
    name="mmd_without_gradient",
    story="A network is trained with the label loss plus an MMD of its features. The MMD is logged "
    "at each step and looks plausible.",
    symptom="The logged MMD stays where it is for every weight of the term, and all weights give "
    "the same accuracy.",
    promise="code(zs, zt) returns the squared MMD of two sets of features, to be minimized; "
    "tensors of shape (n, d) and (m, d).",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the weight of the term is too small", "at a weight of 1e4 it stays as well"),
        Cause(
            "the bandwidth does not fit, so the kernel is flat",
            "the bandwidth is near the median distance of two rows",
        ),
        Cause("the extractor is frozen", "its parameters require gradients and are optimized"),
    ),
    cure="Only the bandwidth goes under no_grad (or is detached), and not the distance.",
    chapter="11",
    healthy={
        "may be below 0, because it is unbiased": of_the_library,
        "has a linear kernel": linear,
    },
    hidden={"gives a tensor that asks for a gradient and is tied to nothing": as_a_new_tensor},
    symptom_test=symptom_test,
)
