"""D2 §5.2 (adversarial adaptation in PyTorch): the labels of the source appear nowhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tlbook.course.ch10_adversarial.broken import Patient as Published
from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient
from tlbook.course.listings import adversarial

CURES = ("logits", "alternate", "one extractor")
"""What has been repaired already, so that this fault is the only one left."""


def sick(task: Any) -> Any:
    """Train extractor and critic for an epoch; return the model for the target."""
    return Published(CURES, seed=100).run(task, epochs=1).model


def cured(task: Any) -> Any:
    """Do the same with a head on the source labels beside the game."""
    return Published((*CURES, "label loss"), seed=100).run(task, epochs=1).model


def mostly_game(task: Any) -> Any:
    """Do the same with 100 times the weight on the game: low accuracy, and labels that count."""
    healthy = (*CURES, "label loss")
    return Published(healthy, weight=10.0, seed=100).run(task, epochs=1).model


def _small(shuffled: bool = False) -> Any:
    """Return 256 rows of each domain of the listing's task; on demand with exchanged labels."""
    task = adversarial._task()
    X, y = task.source.X[:256], task.source.y[:256]
    if shuffled:
        y = np.random.default_rng(0).permutation(y)
    target = SimpleNamespace(X=task.target.X[:256])
    return SimpleNamespace(source=SimpleNamespace(X=X, y=y), target=target)


def test(code: Any) -> None:
    """Exchange the source labels for others: a network that learns from them ends elsewhere."""
    first, second = (list(code(_small(shuffled)).parameters()) for shuffled in (False, True))
    same = all(a.equal(b) for a, b in zip(first, second, strict=True))
    assert not same, "other source labels, the same network to the last bit"


def symptom_test(code: Any) -> None:
    """Ask whether the source's own digits are read."""
    from tlbook.training import predict

    task = _small()
    right = float((predict(code(task), task.source.X) == task.source.y).mean())
    assert right > 0.2, f"it reads {100 * right:.0f} % of its own digits"


PATIENT = Patient(
    name="listing_adversarial",
    story="The listing of D2 §5.2, with its crashes repaired: an extractor plays against a domain "
    "critic until the critic is at 50 %.",
    symptom="Both domains look alike to the critic, and the accuracy is that of guessing.",
    promise="code(task) trains for an epoch and returns a torch module from target pictures to "
    "class scores; the task has labeled source and unlabeled target rows.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the game outweighs the labels", "with a weight of 0 on the game nothing changes"),
        Cause("the two label mixes differ", "the source's own digits are not read either"),
        Cause("too few steps", "after four epochs the source's own digits are not read either"),
    ),
    cure="Train a head on the source labels together with the game.",
    chapter="10",
    healthy={"gives the game a hundred times the weight": mostly_game},
    symptom_test=symptom_test,
    slow=True,
)
