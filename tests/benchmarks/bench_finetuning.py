"""Fine-tuning: the head trained on cached features against the head trained on the frozen network.

Both make the same gradient steps of ``fit`` on the same draws; only where the features come from
differs. The time for computing the cache is part of the cached side.
"""

from functools import partial

import torch
from torch import nn

from tests.benchmarks._harness import Row, median_seconds
from tlbook import data, finetuning
from tlbook.models import create
from tlbook.training import fit, predictor

EPOCHS, BATCH, PER_CLASS = 10, 32, 80


class Comparison:
    """Labeled digits of ``signs`` and the ways to train a head for them."""

    def __init__(self) -> None:
        self.task = data.load("signs", seed=0)
        self.X, self.y = self.task.label(PER_CLASS, seed=0)
        self.start = finetuning.freeze(create("signnet", weights="embedded", n_classes=10))
        self.trained: dict[str, nn.Module] = {}
        self.Z = self.probed = None
        self.options = {
            "steps": EPOCHS * len(self.X) // BATCH,
            "batch_size": BATCH,
            "lr": 1e-2,
            "schedule": "cosine",
            "device": "cpu",
            "progress": False,
        }

    def network(self) -> nn.Module:
        return finetuning.freeze(finetuning.replace_head(self.start, 10))

    def frozen(self) -> None:
        self.trained["frozen"] = model = self.network()
        fit(model, (self.X, self.y), **self.options)

    def cached(self) -> None:
        self.trained["cached"] = model = self.network()
        self.Z = finetuning.cached_features(model, self.X)
        fit(finetuning.head_on_features(model), (self.Z, self.y), **self.options)

    def further(self) -> None:
        fit(finetuning.head_on_features(self.network()), (self.Z, self.y), **self.options)

    def probe(self) -> None:
        features = partial(finetuning.cached_features, self.start)
        self.probed = finetuning.linear_probe(features, self.X, self.y, C=0.01)

    def accuracy(self, name: str) -> float:
        return 100 * self.task.score(predictor(self.trained[name]))

    def head_gap(self) -> float:
        """Largest difference of the two heads' logits on the training rows."""
        Z = torch.from_numpy(finetuning.cached_features(self.start, self.X))
        with torch.no_grad():
            one, other = (self.trained[name].head(Z) for name in ("frozen", "cached"))
        return float((one - other).abs().max())


def run(quick: bool = False) -> list[Row]:
    """All rows; about half a minute."""
    case = Comparison()
    work = {
        "frozen": case.frozen,
        "cached": case.cached,
        "further": case.further,
        "probe": case.probe,
    }
    seconds = median_seconds(work, 3 if quick else 5)
    ratio = {name: seconds["frozen"] / seconds[name] for name in seconds}
    frozen, cached = case.accuracy("frozen"), case.accuracy("cached")
    probed = 100 * case.task.score(case.probed)
    n = len(case.X)
    # One pass through the body instead of ten cannot gain much more than 10, and the steps of the
    # head come on top; what the same cache serves again has no pass at all.
    return [
        Row(f"head on the frozen network, {n} signs, {EPOCHS} epochs", seconds["frozen"], "s"),
        Row("  accuracy", frozen, "%"),
        Row("cached features and the linear probe", seconds["probe"], "s"),
        Row("  times faster, cache included", ratio["probe"], "x", 10),
        Row("  accuracy", probed, "%", note="tuned C: another optimum, not another method"),
        Row("  accuracy lost", frozen - probed, "%", 1.0, False),
        Row("cached features and the same steps of the head", seconds["cached"], "s"),
        Row("  times faster, cache included", ratio["cached"], "x"),
        Row("  times faster for every further head", ratio["further"], "x", 10),
        Row("  accuracy", cached, "%"),
        Row("  difference of the accuracies", abs(frozen - cached), "%", 0.2, False),
        Row("  largest difference of the logits", case.head_gap(), "", 1e-2, False),
    ]
