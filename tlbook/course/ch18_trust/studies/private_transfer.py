"""What ε costs and what pretraining gives back: pixels, a random and a pretrained encoder.

1,000 private digits, plain (8 × 8) and painted on photographs; ridge from noisy sums on 32
numbers a row. Every map from pictures to these numbers is prepared on public letters.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch18_trust import private
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
BUDGETS = (0.3, 1.0, 3.0, 10.0, float("inf"))
DRAWS = 4  # of the noise, for each seed


def trial(seed: int, task: str, kind: str, epsilon: float) -> dict[str, Any]:
    """Return the mean accuracy over draws of the noise."""
    rows = private.prepared(task, kind, seed)
    found = [private.accuracy(rows, epsilon, 100 * seed + i) for i in range(DRAWS)]
    return {"accuracy": sum(found) / DRAWS}


study = Study(trial, grid(seed=SEEDS, task=private.TASKS, kind=private.MAPS, epsilon=BUDGETS))
