"""What must not matter: the order of the rows, a copy of them, target labels; and what must."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tlbook.diagnosis.battery.finding import Finding, fault, not_asked, well
from tlbook.diagnosis.battery.handover import Handover, joined
from tlbook.diagnosis.battery.outcome import as_numpy, numbers, same, seeded

TOLERANCE = 1e-4
"""Relative to a loss of 1 or more: sums of floats depend on their order."""


def order(hand: Handover) -> Finding:
    """Ask whether the loss changes when the rows of each domain are shuffled."""
    check = "the order of the rows does not matter"
    reason = _unasked(hand)
    if reason:
        return not_asked(check, reason)
    rng = np.random.default_rng(0)
    orders = {v: rng.permutation(n) for v, n in _sizes(hand.batch).items()}
    shuffled = {key: value[orders[key[-1]]] for key, value in hand.batch.items()}
    first, second = _value(hand, hand.batch), _value(hand, shuffled)
    if _close(first, second):
        return well(check, f"{first:.4g} in either order")
    return fault(
        check,
        f"the loss is {first:.4g}, and {second:.4g} with the rows of each domain shuffled",
        "look for labels, weights or masks that are taken by position, and for an axis mixed up",
    )


def copies(hand: Handover) -> Finding:
    """Ask whether the loss grows with the number of rows, by two and by four copies of them.

    A sum doubles each time. A mean stays, and an unbiased estimate comes to a limit.
    """
    check = "a copy of the rows does not matter"
    reason = _unasked(hand)
    if reason:
        return not_asked(check, reason)
    one, two, four = (
        _value(hand, {key: joined([value] * n) for key, value in hand.batch.items()})
        for n in (1, 2, 4)
    )
    if not _close(one, two) and abs(four - two) > 1.5 * abs(two - one):
        return fault(
            check,
            f"the loss is {one:.4g}, {two:.4g} and {four:.4g} with one, two and four copies",
            "take means over rows and pairs: with a sum, weights and rate depend on the batch size",
        )
    return well(check, f"{one:.4g}, {two:.4g} and {four:.4g} with one, two and four copies")


def target_labels_unseen(hand: Handover) -> Finding:
    """Ask whether other target labels change the loss or the trained result."""
    check = "target labels are unseen"
    if "yt" not in hand.batch:
        return not_asked(check, "the batch has no yt")
    others = _with_others(hand.batch, "yt")
    if not others:
        return not_asked(check, "yt has one class only")
    cure = "take yt out of training and of every choice; keep it for the one look at the end"
    if hand.loss is not None and not _draws(hand):
        for other in others:
            if _felt_the_same(hand, other, 0.0 if _repeats(hand) else TOLERANCE):
                continue
            first, second = _value(hand, hand.batch), _value(hand, other)
            return fault(check, f"other yt, another loss: {first:.7g} and {second:.7g}", cure)
    if hand.train is not None:
        own, *results = _trained(hand, [hand.batch, *others])
        if not all(same(own, result) for result in results):
            return fault(check, "other yt, another result of train", cure)
    return well(check, "other target labels change nothing")


def source_labels_seen(hand: Handover) -> Finding:
    """Ask whether other source labels change the loss or the trained result."""
    check = "source labels are seen"
    if "ys" not in hand.batch:
        return not_asked(check, "the batch has no ys")
    others = _with_others(hand.batch, "ys")
    if not others:
        return not_asked(check, "ys has one class only")
    other = others[0]
    cure = "train a head on the source labels: without one nothing ties features to classes"
    if hand.loss is not None and not _draws(hand) and _felt_the_same(hand, other):
        said = f"other ys, the same loss and gradient: {_value(hand, other):.4g}"
        return fault(check, said, cure)
    if hand.train is not None and same(*_trained(hand, [hand.batch, other])):
        return fault(check, "other ys, the same result of train", cure)
    return well(check, "other source labels change what is learned")


def _trained(hand: Handover, batches: list[Mapping[str, Any]]) -> list[Any]:
    assert hand.train is not None
    results = []
    for batch in batches:
        seeded(0)
        results.append(numbers(hand.train(dict(batch), 0), hand.batch))
    return results


def _repeats(hand: Handover) -> bool:
    """Return whether loss and gradients of one batch are the same to the last bit, twice."""
    return _felt_the_same(hand, hand.batch, 0.0)


def _unasked(hand: Handover) -> str:
    if hand.loss is None:
        return "no loss was handed over"
    return "the loss draws random numbers, in evaluation mode too" if _draws(hand) else ""


def _draws(hand: Handover) -> bool:
    """Return whether the loss of the same batch depends on the global generators."""
    return not _close(_value(hand, hand.batch, seed=0), _value(hand, hand.batch, seed=1))


def _value(hand: Handover, batch: Mapping[str, Any], seed: int = 0) -> float:
    seeded(seed)
    return float(hand.settled().total(batch).detach())


def _felt_the_same(hand: Handover, other: Mapping[str, Any], tolerance: float = TOLERANCE) -> bool:
    """Return whether another batch gives the same loss and the same gradients.

    Gradients too: with a head that starts at zero all labels cost the same.
    """
    import torch

    felt = []
    free = [p for p in hand.model.parameters() if p.requires_grad] if hand.model else []
    for batch in (hand.batch, other):
        seeded(0)
        total = hand.settled().total(batch)
        slopes = torch.autograd.grad(total, free, allow_unused=True) if total.requires_grad else ()
        felt.append([total.detach(), *(g for g in slopes if g is not None)])
    pairs = zip(*felt, strict=False)
    return len(felt[0]) == len(felt[1]) and all(
        torch.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in pairs
    )


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))


def _sizes(batch: Mapping[str, Any]) -> dict[str, int]:
    return {key[-1]: len(value) for key, value in batch.items()}


def _with_others(batch: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return copies of the batch with other labels; none where there is one class only.

    First the same labels on other rows: a loss may ask only which labels are equal. Then every
    class under the name of the next, which turns a choice by accuracy around. Then half of the
    largest class under the next name, for what depends on the frequencies.
    """
    values, rng = as_numpy(batch[key]), np.random.default_rng(0)
    if (values == values[:1]).all():
        return []
    rows = np.arange(len(values))
    while np.array_equal(values[rows], values):
        rows = rng.permutation(len(values))
    found = [{**batch, key: batch[key][rows]}]
    if values.ndim == 1:
        classes, codes = np.unique(values, return_inverse=True)
        largest = np.flatnonzero(codes == np.bincount(codes).argmax())
        fewer = codes.copy()
        fewer[largest[: (len(largest) + 1) // 2]] += 1
        for other in (codes + 1, fewer):
            found.append({**batch, key: _like(classes[other % len(classes)], batch[key])})
    return found


def _like(values: np.ndarray, given: Any) -> Any:
    """Return values as what was given: an array, or a tensor of its type and on its device."""
    import torch

    if not isinstance(given, torch.Tensor):
        return values.astype(given.dtype)
    return torch.as_tensor(values).to(given)
