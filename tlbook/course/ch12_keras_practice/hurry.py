"""The hurried recipe of chapter 12, the careful one, and every mixture of the two.

They differ in four things at once: the start of the head, the rate, BatchNorm and the depth. With
all sixteen mixtures each of them can be changed alone.
"""

from __future__ import annotations

from functools import partial

import torch

from tlbook._base.checks import check_choice
from tlbook.course.ch12_keras_practice.keras_models.cuts import Above, maps_at
from tlbook.course.ch12_keras_practice.keras_models.twin import mobilesigns
from tlbook.domains import Task
from tlbook.evaluation.compare import Predict
from tlbook.finetuning import cached_features, freeze, linear_probe
from tlbook.training import fit, predict

HEADS, NORMS = ("fitted", "random"), ("held", "free")
DEPTHS = {"upper": 14, "all": 0}
"""What may move: the blocks from 13 on, or everything; stages that stay as they are."""


def mixture(
    task: Task,
    seed: int,
    k: int,
    *,
    head: str = "fitted",
    lr: float = 1e-4,
    norms: str = "held",
    depth: str = "upper",
    steps: int = 20,
    C: float = 1e-2,
) -> Predict:
    """Fine-tune ``mobilesigns`` with Adam at one rate.

    Parameters
    ----------
    task : Task
        Its target has the labels 0 … classes − 1.
    seed, k : int
        Of everything random; labels per class.
    head : {"fitted", "random"}
        Where the head starts: at a probe of the features, or at random as Keras draws it (Glorot).
    lr : float
        Learning rate of everything that moves.
    norms : {"held", "free"}
        BatchNorm uses the statistics of the pretraining, or those of each batch while it trains.
    depth : {"upper", "all"}
        What moves: the blocks from 13 on, or the whole network.
    steps : int
        Steps of 16 rows.
    C : float
        Of the probe that a fitted head is.
    """
    check_choice(head, "head", HEADS)
    check_choice(norms, "norms", NORMS)
    check_choice(depth, "depth", tuple(DEPTHS))
    X, y = task.label(k, seed)
    net, cut = mobilesigns(), DEPTHS[depth]
    model = Above(net, cut, int(y.max()) + 1)
    if norms == "held":
        freeze(model, but=(), statistics_only=True)
    if head == "fitted":
        linear_probe(partial(cached_features, net), X, y, C=C).into(model.head)
    else:
        torch.nn.init.xavier_uniform_(model.head.weight, generator=_generator(seed))
        torch.nn.init.zeros_(model.head.bias)
    fit(model, (maps_at(net, cut, X), y), steps=steps, batch_size=16, lr=lr, optimizer="adam",
        seed=seed, device="cpu", progress=False)  # fmt: skip
    return lambda rows: predict(model, maps_at(net, cut, rows), batch_size=128)


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
