"""The battery: eleven questions, each asked of what a fresh call hands over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlbook.diagnosis.battery import invariance, learning, repeat
from tlbook.diagnosis.battery.finding import Finding, fault, not_asked
from tlbook.diagnosis.battery.handover import Handover
from tlbook.diagnosis.battery.outcome import generators_kept, in_a_line

CHECKS: dict[str, Callable[[Handover], Finding]] = {
    "the loss is a number": learning.finite,
    "each term has a gradient": learning.terms_lead_back,
    "gradients reach every weight": learning.reach_every_parameter,
    "your step moves every weight": learning.step_moves,
    "what is frozen stays": learning.frozen_stays,
    "the discriminator learns": learning.discriminator_learns,
    "the order of the rows does not matter": invariance.order,
    "a copy of the rows does not matter": invariance.copies,
    "target labels are unseen": invariance.target_labels_unseen,
    "source labels are seen": invariance.source_labels_seen,
}
"""And one more, "the same seed repeats", which calls the function itself twice."""

SEEDS = "the same seed repeats"
STOPS = "your code stops with"


def checkup(setup: Callable[..., Any]) -> list[Finding]:
    """Ask every question of the battery and return the findings, in order.

    Parameters
    ----------
    setup : callable
        Takes ``seed`` or nothing, and returns a dict: see :class:`Handover`.

    Returns
    -------
    list of Finding
        One a question. An exception in the reader's code is a fault of the check in which it came.

    Raises
    ------
    ValueError
        If what is handed over is not as :class:`Handover` says.

    Examples
    --------
    >>> import torch
    >>> from tlbook.diagnosis.battery import checkup
    >>> def setup(seed):
    ...     rng = torch.Generator().manual_seed(seed)
    ...     with torch.random.fork_rng():
    ...         torch.manual_seed(seed)
    ...         model = torch.nn.Linear(3, 2)
    ...     batch = {"xs": torch.randn(8, 3, generator=rng), "ys": torch.arange(8) % 2}
    ...     def loss(model, batch):
    ...         each = torch.nn.functional.cross_entropy(
    ...             model(batch["xs"]), batch["ys"], reduction="sum"
    ...         )
    ...         return {"labels": each}
    ...     return {"model": model, "loss": loss, "batch": batch}
    >>> [finding.check for finding in checkup(setup) if finding.state == "fault"]
    ['a copy of the rows does not matter']
    """
    with generators_kept():
        _refuse_one_model(repeat.fresh(setup), repeat.fresh(setup))
        findings = [_ask(name, check, setup) for name, check in CHECKS.items()]
        return _said_once([*findings, _guard(SEEDS, lambda: repeat.repeats(setup))])


def _refuse_one_model(first: Handover, second: Handover) -> None:
    """Refuse a module that outlives the call: each check would find what the last one left."""
    for key in ("model", "discriminator"):
        module = getattr(first, key)
        if module is not None and module is getattr(second, key):
            raise ValueError(f"{key}: got the same module in two calls, want a new one in each")


def _ask(name: str, check: Callable[[Handover], Finding], setup: Callable[..., Any]) -> Finding:
    return _guard(name, lambda: check(repeat.fresh(setup)))


def _said_once(findings: list[Finding]) -> list[Finding]:
    """Keep the first of several checks that one error stops; the others were not asked."""
    kept: list[Finding] = []
    for found in findings:
        earlier = [other.check for other in kept if other.said == found.said]
        if found.said.startswith(STOPS) and earlier:
            found = not_asked(found.check, f"your code stops as in {earlier[0]!r}")
        kept.append(found)
    return kept


def _guard(name: str, question: Callable[[], Finding]) -> Finding:
    try:
        return question()
    except Exception as error:
        return fault(
            name,
            f"{STOPS} {in_a_line(error)}",
            "run it on the batch that you hand over; then call the doctor again",
        )
