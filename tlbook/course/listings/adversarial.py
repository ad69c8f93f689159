"""D2 §5.2, adversarial adaptation in PyTorch: nothing ties the features to the labels.

The patient itself is :class:`tlbook.course.ch10_adversarial.broken.Patient`; chapter 10 cures it
step by step.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tlbook.course.listings.fault import Fault, Listing


def _import_missing() -> float:
    """Run one layer in a namespace that has what the listing imports."""
    return _relu_in("import torch\nimport torch.nn as nn\nimport torch.optim as optim\n")


def _import_made() -> float:
    return _relu_in("import torch\nimport torch.nn.functional as F\n")


def _relu_in(imports: str) -> float:
    namespace: dict[str, Any] = {}
    exec(f"{imports}value = float(F.relu(torch.tensor(-1.0)))", namespace)
    return namespace["value"]


def _loader_pairs(unpack: bool) -> int:
    """Return how many rows of the first batch of a labeled loader get through the extractor."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    from tlbook.course.ch10_adversarial.broken import Extractor

    part = _task().source
    rows = TensorDataset(torch.from_numpy(part.X[:64]), torch.as_tensor(part.y[:64]))
    batch = next(iter(DataLoader(rows, batch_size=32)))
    return len(Extractor()(batch[0] if unpack else batch))


@cache
def _task() -> Any:
    from tlbook import data

    return data.load("fonts-to-handwriting", seed=100)


def _patient(*cures: str, epochs: int = 1, seed: int = 100) -> Any:
    from tlbook.course.ch10_adversarial.broken import Patient

    return Patient(cures, seed=seed).run(_task(), epochs=epochs)


def _last_loss(*cures: str) -> float:
    return float(_patient(*cures).record["loss"].iloc[-1])


def _longest_run(*cures: str) -> int:
    """Steps in a row by the same player."""
    moved = _patient(*cures).record["moved"]
    return int(moved.groupby((moved != moved.shift()).cumsum()).size().max())


def _source_moved(*cures: str) -> float:
    """Largest change of a weight of the network that the source rows go through."""
    import torch

    from tlbook.course.ch10_adversarial.broken import Extractor
    from tlbook.models import seeded

    patient = _patient("logits", "alternate", *cures)
    start = seeded(Extractor, 100).state_dict()
    with torch.no_grad():
        return max(
            float((v - start[k]).abs().max()) for k, v in patient.source.state_dict().items()
        )


def _source_accuracy(*cures: str) -> float:
    """Accuracy on the source's own validation digits: does anything know a digit at all?"""
    from tlbook.training import predict

    patient = _patient("logits", "alternate", "one extractor", *cures, epochs=4)
    held = _task().validation
    return float((predict(patient.model, held.X) == held.y).mean())


def _wasted(*cures: str) -> int:
    """Extractor weights that get a gradient in the critic's step, though only the critic moves."""
    import torch

    from tlbook.course.ch10_adversarial.broken import Patient

    patient = Patient(("logits", *cures), seed=100)
    xs, xt = (torch.from_numpy(d.X[:8]) for d in (_task().source, _task().target))
    patient.critic_loss(xs, xt).backward()
    nets = (patient.source, patient.target)
    return sum(p.numel() for net in nets for p in net.parameters() if p.grad is not None)


LISTING = Listing(
    name="adversarial",
    document="D2 §5.2",
    chapter="10",
    promise="Makes the features of two domains alike by an adversarial game.",
    faults=(
        Fault(
            "F is never imported",
            wrong="calls F.relu, and imports torch, torch.nn and torch.optim only",
            symptom="NameError at the first forward pass",
            repair="import torch.nn.functional as F",
            broken=_import_missing,
            repaired=_import_made,
            healthy=lambda value: value == 0.0,
            show=lambda value: f"relu(-1) = {value:g}",
        ),
        Fault(
            "pairs from the loader",
            wrong="gives what a labeled loader yields, pictures and labels, to the extractor",
            symptom="TypeError in the first convolution: a list is no tensor",
            repair="take the pair apart: (xs, ys), xt",
            broken=lambda: _loader_pairs(unpack=False),
            repaired=lambda: _loader_pairs(unpack=True),
            healthy=lambda value: value == 32,
            show=lambda value: f"{value} rows got through",
        ),
        Fault(
            "logarithm of raw scores",
            wrong="takes the logarithm of the critic's last linear layer",
            symptom="the loss is NaN from the first steps on, while the weights go on moving",
            repair="leave the scores as they are; put the sigmoid into the loss (softplus)",
            broken=lambda: _last_loss(),
            repaired=lambda: _last_loss("logits"),
            healthy=lambda value: value == value,
            show=lambda value: f"last loss {value:.3g}",
        ),
        Fault(
            "whole epochs by turns",
            wrong="the critic sees every batch of an epoch before the extractors move, and back",
            symptom="each player finishes against an opponent that stands still",
            repair="one step each on every batch",
            broken=lambda: _longest_run("logits"),
            repaired=lambda: _longest_run("logits", "alternate"),
            healthy=lambda value: value == 1,
            show=lambda value: f"{value} steps in a row by one player",
        ),
        Fault(
            "the source network never moves",
            wrong="gives both extractors to the optimizer, but only the target's enters the loss",
            symptom="the source network keeps its random start",
            repair="one extractor for both domains, or train the source's on labels first (ADDA)",
            broken=lambda: _source_moved(),
            repaired=lambda: _source_moved("one extractor"),
            healthy=lambda value: value > 0,
            show=lambda value: f"largest change of a source weight {value:.3g}",
        ),
        Fault(
            "no classifier, no labels",
            wrong="the labels of the source appear nowhere",
            symptom="features that look alike in both domains and say nothing about the classes",
            repair="train a head on the source labels together with the game",
            broken=lambda: _source_accuracy(),
            repaired=lambda: _source_accuracy("label loss"),
            healthy=lambda value: value > 0.5,
            show=lambda value: f"accuracy on source validation digits {100 * value:.0f} %",
        ),
        Fault(
            "no detach in the critic's step",
            wrong="sends the critic's gradient back through both extractors",
            symptom="the same result, for more work: those gradients are thrown away",
            repair="detach the features in the critic's step",
            broken=lambda: _wasted(),
            repaired=lambda: _wasted("detach"),
            healthy=lambda value: value == 0,
            show=lambda value: f"{value:,} weights get a gradient that nobody uses",
        ),
    ),
)
