"""Does the same seed give the same start, the same batch and the same training?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlbook.diagnosis.battery.finding import Finding, fault, well
from tlbook.diagnosis.battery.handover import Handover, read, takes_seed
from tlbook.diagnosis.battery.outcome import as_numpy, in_a_line, numbers, same, seeded


def fresh(setup: Callable[..., Any], seed: int = 0, elsewhere: int = 0) -> Handover:
    """Call the reader's function; ``elsewhere`` is where the global generators stand before."""
    seeded(elsewhere)
    with_seed = takes_seed(setup)
    try:
        given = setup(seed=seed) if with_seed else setup()
    except (Exception, SystemExit) as error:
        raise ValueError(f"setup: your function stops with {in_a_line(error)}") from error
    return read(given)


def repeats(setup: Callable[..., Any]) -> Finding:
    """Ask whether the same seed gives the same start and, with ``train``, the same end.

    A function that takes ``seed`` is called with the global generators in two states; one that
    takes nothing, with them in the same state.
    """
    check = "the same seed repeats"
    moved = 1 if takes_seed(setup) else 0
    first, second = fresh(setup, 0, 0), fresh(setup, 0, moved)
    cure = "draw from generators that are made from the seed, and from nothing else"
    different = _difference(first, second)
    if different:
        return fault(check, f"two calls with one seed: {different}", cure)
    if first.train is None:
        return well(check, "start and batch are the same")
    return _trains_the_same(first, check, cure)


def _trains_the_same(hand: Handover, check: str, cure: str) -> Finding:
    assert hand.train is not None
    results = []
    for elsewhere in (0, 1):
        seeded(elsewhere)
        results.append(numbers(hand.train(dict(hand.batch), 0), hand.batch))
    if not same(*results):
        return fault(check, "train(batch, 0) twice gives two results", cure)
    return well(check, "start, batch and result of train are the same")


def _difference(first: Handover, second: Handover) -> str:
    """Return the first thing in which two handovers differ, or an empty string."""
    for key, value in first.batch.items():
        other = second.batch.get(key)
        if other is None or not np.array_equal(as_numpy(value), as_numpy(other)):
            return f"{key} of the batch differs"
    for what in ("model", "discriminator"):
        one, two = getattr(first, what), getattr(second, what)
        if one is None or two is None:
            continue
        state = two.state_dict()
        for name, value in one.state_dict().items():
            if name not in state or not value.equal(state[name]):
                return f"{name} of the {what} differs"
    return ""
