"""λ on the whole loss: the trade-off is a learning rate in disguise."""

from __future__ import annotations

from typing import Any

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient


def sick(label_loss: Any, distance: Any, lam: float) -> Any:
    """Return the loss of a step."""
    return lam * (label_loss + distance)


def cured(label_loss: Any, distance: Any, lam: float) -> Any:
    """Return the label loss plus λ times the distance."""
    return label_loss + lam * distance


def convex(label_loss: Any, distance: Any, lam: float) -> Any:
    """Return a mix of both for λ in [0, 1]: another scale of λ, the same family of losses."""
    return (1 - lam) * label_loss + lam * distance


def halved(label_loss: Any, distance: Any, lam: float) -> Any:
    """Return half of everything, at each λ: a constant factor is no trade-off."""
    return 0.5 * (label_loss + lam * distance)


def never_zero(label_loss: Any, distance: Any, lam: float) -> Any:
    """Return the same fault with 1 + λ in front, so that λ = 0 trains."""
    return (1 + lam) * (label_loss + distance)


def _share(code: Any, lam: float) -> float:
    """Return the gradient of the loss at the distance over that at the label loss."""
    import torch

    parts = [torch.tensor(value, requires_grad=True) for value in (2.0, 3.0)]
    code(*parts, lam).backward()
    at_label, at_distance = (0.0 if p.grad is None else float(p.grad) for p in parts)
    return at_distance / at_label if at_label else float("nan")


def test(code: Any) -> None:
    """Ask how much a step gives to the distance per unit of the label loss: λ has to change it."""
    assert abs(_share(code, 0.0)) < 1e-9, "at λ = 0 the distance is trained, or nothing is"
    low, high = _share(code, 0.1), _share(code, 0.8)
    assert high > 2 * low > 0, f"λ times 8 changes the share of the distance by {high / low:.2g}"


def symptom_test(code: Any) -> None:
    """Ask whether λ = 0 trains anything."""
    import torch

    assert float(code(torch.tensor(2.0), torch.tensor(3.0), 0.0)) > 0, "λ = 0 gives a loss of 0"


PATIENT = Patient(
    name="lambda_on_everything",
    story="A sweep over λ finds an optimum at 0.3, and at λ = 0 the network stays at chance. The "
    "team concludes that alignment is needed to learn anything.",
    symptom="λ = 0, which should be training on the source alone, does not train.",
    promise="code(label_loss, distance, lam) returns the loss of a step (tensors): lam balances "
    "the distance against the label loss, lam = 0 is the label loss up to a constant factor.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the learning rate is too small", "source training by itself learns at this rate"),
        Cause("the labels are shuffled", "a linear probe on the inputs beats chance"),
        Cause("λ = 0 also switches the optimizer off", "it makes its step, with gradients of 0"),
    ),
    cure="label_loss + λ · distance. With Adam the sick loss is worse to see: a constant factor "
    "hardly changes its steps, so that all λ > 0 look alike.",
    chapter="09",
    healthy={
        "mixes (1 − λ) and λ": convex,
        "halves everything at each λ": halved,
    },
    hidden={"trains at λ = 0": never_zero},
    symptom_test=symptom_test,
)
