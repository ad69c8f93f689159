"""LoRA's rank and its factor α / r, taken apart: one label per class.

``finetuning_variants`` has the ranks 1, 4 and 16 with α = r, so that the factor is 1. The cases
here have the same labels, heads and seeds. With (4, 1/4) and (16, 1/16) the published α / r can be
read at α = 1; with (1, 1/16) there are two ranks at two factors.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch06_finetuning.cases import forgotten
from tlbook.course.ch06_finetuning.methods import Training
from tlbook.course.ch06_finetuning.variants import low_rank
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs
from tlbook.evaluation import measure
from tlbook.finetuning import lora_merge

PLAN = ((4, 1 / 4), (16, 1 / 16), (1, 1 / 16))  # rank, α / r
SEEDS = tuple(range(8))


def trial(rank: int, factor: float, seed: int) -> dict[str, Any]:
    """Return accuracy, trainable and forgotten, all fractions."""
    task, training = load_signs(seed=seed), Training(low_rank, lora_merge)
    row = measure(training, task, seed, {"k": 1, "rank": rank, "factor": factor})
    return {
        "accuracy": row["accuracy"],
        "trainable": training.trainable,
        "forgotten": forgotten(training.network, task),
    }


study = Study(trial, [{"rank": r, "factor": f, "seed": seed} for seed in SEEDS for r, f in PLAN])
