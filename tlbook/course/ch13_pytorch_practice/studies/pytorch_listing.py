"""What each mistake of the documents' ResNet listing costs on ``signs``: 8 seeds, paired.

Every arm differs from the repaired run in one thing, sees the same labels in the same order and
starts from the same head. Each has its own learning rate (``pytorch_tuning``). Some mistakes are
made after the training: they are the repaired network, asked in the wrong way.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from tlbook.course.ch13_pytorch_practice.methods import Published
from tlbook.course.ch13_pytorch_practice.published import MODES, answers, unnormalized
from tlbook.course.ch13_pytorch_practice.settings import SETTINGS
from tlbook.course.studies import Study
from tlbook.data.signs import load_signs
from tlbook.evaluation import measure

BUDGET = 20
SEEDS = tuple(range(8))


def trial(arm: str, seed: int) -> list[dict[str, Any]]:
    """Return accuracy on the test part, said, loss of the last step, steps made.

    ``said`` is what its user would report: the accuracy on the rows it was trained on, for "held
    out" that on rows kept back.
    """
    method, task = Published(), load_signs(seed=seed)
    row = measure(method, task, seed, {"k": BUDGET, **SETTINGS[arm]})
    losses = method.losses
    seen = {"said": method.reported, "loss": losses[-1], "steps": len(losses)}
    out = [{"accuracy": row["accuracy"], **seen}]
    if arm == "repaired":
        network = method.network
        for mode in MODES[1:]:
            right = task.score(partial(answers, network, mode=mode))
            out.append({"arm": mode, "accuracy": right, **seen})
        raw = task.score(lambda rows: answers(network, unnormalized(rows)))
        out.append({"arm": "raw pixels at the test only", "accuracy": raw, **seen})
    return out


study = Study(trial, [{"arm": arm, "seed": seed} for seed in SEEDS for arm in SETTINGS])
