"""What membership leaks: 33 models on random halves of 200 digits, each attacked by the others.

A head on frozen features of letters, and the whole network, along their training; the likelihood
ratio with shadows, and the plain confidence without. Then the head alone, with weight decay and
with more rows.
"""

from __future__ import annotations

from typing import Any

from tlbook.course.ch18_trust import leaks
from tlbook.course.studies import Study, grid

SEEDS = tuple(range(8))
STEPS = {"head": (10, 30, 100, 300), "whole network": (10, 30, 100, 300)}


HEAD_STEPS = 300
DECAYS, POOLS = (1.0, 10.0), (100, 800)


def trial(
    seed: int, arm: str, decay: float = 0.0, rows: int = leaks.POOL, steps: int = 0
) -> list[dict[str, Any]]:
    """Return a row for each number of steps: accuracies, and the shares of members found."""
    game, found = leaks.pool(seed, rows), []
    stops = (steps,) if steps else STEPS[arm]
    for stop, now in zip(stops, leaks.trained(game, arm, stops, seed, decay), strict=True):
        phi = leaks.confidences(now, game)
        own, test = leaks.accuracies(now, game)
        ratio = leaks.attacked(phi, game.members)
        alone = leaks.found(phi, game.members)["found_0.01"]
        right = (ratio > 0) == game.members
        row = {"steps": stop, "own": own, "accuracy": test, "guesses": float(right.mean())}
        found.append(row | leaks.found(ratio, game.members) | {"without_shadows": alone})
    return found


HEAD: dict[str, tuple[Any, ...]] = {"arm": ("head",), "steps": (HEAD_STEPS,)}
study = (
    Study(trial, grid(seed=SEEDS, arm=leaks.ARMS, decay=(0.0,), rows=(leaks.POOL,)))
    + Study(trial, grid(seed=SEEDS, decay=DECAYS, rows=(leaks.POOL,), **HEAD))
    + Study(trial, grid(seed=SEEDS, decay=(0.0,), rows=POOLS, **HEAD))
)
