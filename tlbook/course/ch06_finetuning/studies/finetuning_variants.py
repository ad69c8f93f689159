"""The other ways of chapter 06: gradual unfreezing, L2-SP, LoRA, multi-task, distillation.

All but distillation change the naive recipe of ``finetuning_causes`` in one respect, with the
same labels and the same heads in each seed. L2-SP and LoRA are shown for several strengths, none
of which is chosen here. Distillation works on plain digits, where a small network can do well.
"""

from __future__ import annotations

import time
from typing import Any

from tlbook.course.ch06_finetuning.cases import TASKS, forgotten
from tlbook.course.ch06_finetuning.studies.finetuning_causes import SEEDS
from tlbook.course.ch06_finetuning.variants import METHODS
from tlbook.course.studies import Study, grid
from tlbook.evaluation import measure

PLAN = [
    *grid(method=("gradual unfreezing",), option=("7 stages",), task=("signs",), budget=(1,)),
    *grid(method=("L2-SP",), option=("1", "10", "100"), task=("signs",), budget=(1,)),
    *grid(method=("LoRA",), option=("1", "4", "16"), task=("signs",), budget=(1,)),
    *grid(method=("multi-task",), option=("fixed",), task=("signs",), budget=(5, 20)),
    *grid(method=("multi-task",), option=("uncertainty",), task=("signs",), budget=(5,)),
    *grid(
        method=("distillation",),
        option=tuple(METHODS["distillation"]),
        task=("plain",),
        budget=(5,),
    ),
]


def trial(method: str, option: str, task: str, budget: int, seed: int) -> dict[str, Any]:
    """Return accuracy, trainable (a fraction), parameters, seconds (CPU), forgotten."""
    training, loaded = METHODS[method][option], TASKS[task](seed)
    row = measure(training, loaded, seed, {"k": budget}, clock=time.process_time)
    found = {
        "accuracy": row["accuracy"],
        "trainable": training.trainable,
        "parameters": sum(p.numel() for p in training.network.parameters()),
        "seconds": round(row["seconds"], 2),
    }
    if not option.startswith("student"):  # a student never knew the letters
        found["forgotten"] = forgotten(training.network, loaded)
    return found


study = Study(trial, [{**case, "seed": seed} for seed in SEEDS for case in PLAN])
