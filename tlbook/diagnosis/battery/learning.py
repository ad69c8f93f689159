"""Does everything learn that should learn, and does everything stay that should stay?"""

from __future__ import annotations

import math
from typing import Any

from tlbook.diagnosis.battery.finding import Finding, fault, not_asked, well
from tlbook.diagnosis.battery.handover import Handover

STEPS = 3
ROUNDING = 1e-6
"""A gradient this much smaller than the largest one is what rounding leaves of zero."""
RATE = 1e-2
"""Of the battery's own steps: a zero at the start (LoRA, a head) must be left behind."""


def finite(hand: Handover) -> Finding:
    """Ask whether each term of the loss is a finite number."""
    check = "the loss is a number"
    if hand.loss is None:
        return not_asked(check, "no loss was handed over")
    values = {name: float(term.detach()) for name, term in hand.terms().items()}
    bad = [name for name, value in values.items() if not math.isfinite(value)]
    if bad:
        return fault(
            check,
            f"{bad[0]} is {values[bad[0]]}",
            "look for the logarithm of a score, a division by a spread of 0, or a rate too large",
        )
    return well(check, ", ".join(f"{name} {value:.3g}" for name, value in values.items()))


def terms_lead_back(hand: Handover) -> Finding:
    """Ask whether each term has a gradient at a weight of the model or the discriminator."""
    check = "each term has a gradient"
    if hand.loss is None or hand.model is None:
        return not_asked(check, "no loss was handed over")
    modules = [m for m in (hand.model, hand.discriminator) if m is not None]
    free = [p for m in modules for p in m.parameters() if p.requires_grad]
    if not free:
        return fault(check, "no weight requires a gradient", "leave some weights open to training")
    seen: dict[str, bool] = {}
    for _ in range(STEPS):
        for name, term in hand.terms().items():
            found = _gradients(term, free)
            seen[name] = seen.get(name, False) or any(_is_there(g) for g in found)
        _plain_step(hand, free)
    missed = [name for name, there in seen.items() if not there]
    if missed:
        return fault(
            check,
            f"{_some(missed)}: no gradient at any weight",
            "look for no_grad, detach, item() or float(), and for a weight of 0",
        )
    return well(check, _some(list(seen)))


def reach_every_parameter(hand: Handover) -> Finding:
    """Ask whether, within three steps, each weight that may learn gets a gradient."""
    check = "gradients reach every weight"
    if hand.model is None:
        return not_asked(check, "no model was handed over")
    free = {n: p for n, p in _free(hand).items() if p.numel()}
    reached: set[str] = set()
    for _ in range(STEPS):
        found = _plain_step(hand, list(free.values()))
        reached |= {n for n, gradient in zip(free, found, strict=True) if _is_there(gradient)}
    missed = [name for name in free if name not in reached]
    if missed:
        return fault(
            check,
            f"{_some(missed)}: no gradient in {STEPS} steps",
            "use it in the loss, freeze it, or take it out; look for detach and for dead units",
        )
    return well(check, f"{len(free)} of {len(free)} tensors of weights")


def step_moves(hand: Handover) -> Finding:
    """Ask whether the reader's own step moves each weight that requires a gradient."""
    check = "your step moves every weight"
    if hand.step is None or hand.model is None:
        return not_asked(check, "no step was handed over")
    free = _free(hand)
    before = {name: weight.detach().clone() for name, weight in free.items()}
    for _ in range(STEPS):
        hand.step(dict(hand.batch))
    stayed = [name for name, weight in free.items() if weight.detach().equal(before[name])]
    flat = _flat(hand, free) if stayed else set()
    stayed = [name for name in stayed if name not in flat]
    if stayed:
        return fault(
            check,
            f"{_some(stayed)}: not moved by {STEPS} steps",
            "make the optimizer after the last change of the model, and give it these weights",
        )
    moved = f"{len(free) - len(flat)} of {len(free)} tensors of weights"
    if flat:
        moved += f"; the loss does not depend on {_some(sorted(flat))} (a bias before BatchNorm?)"
    return well(check, moved)


def _flat(hand: Handover, free: dict[str, Any]) -> set[str]:
    """Return weights whose gradient is rounding only: no step of any optimizer has to move them."""
    found = dict(zip(free, _gradients(hand.total(), list(free.values())), strict=True))
    sizes = {n: 0.0 if g is None else float(g.norm()) for n, g in found.items()}
    largest = max(sizes.values(), default=0.0)
    return {n for n, size in sizes.items() if found[n] is not None and size <= ROUNDING * largest}


def frozen_stays(hand: Handover) -> Finding:
    """Ask whether weights and statistics of frozen modules stay as they are in training."""
    check = "what is frozen stays"
    if hand.model is None:
        return not_asked(check, "no model was handed over")
    names = _frozen(hand)
    if not names:
        return not_asked(check, "nothing is frozen")
    state = hand.model.state_dict()
    held = {n: state[n].clone() for n in state if n.startswith(tuple(f"{m}." for m in names))}
    for _ in range(STEPS):
        if hand.step is not None:
            hand.step(dict(hand.batch))
        else:
            _plain_step(hand, [p for p in hand.model.parameters() if p.requires_grad])
    after = hand.model.state_dict()
    moved = [name for name, value in held.items() if not after[name].equal(value)]
    if not moved:
        return well(check, f"{len(held)} tensors of {_some(names)}")
    weights = {name for name, _ in hand.model.named_parameters()}
    if all(name not in weights for name in moved):
        cure = "call eval() on the frozen part after every train() of the model"
    else:
        cure = "requires_grad_(False), and an optimizer without these weights (or hand over step)"
    return fault(check, f"{_some(moved)} moved within {STEPS} steps", cure)


def discriminator_learns(hand: Handover) -> Finding:
    """Ask whether the discriminator, trained alone, tells domains apart that were pushed apart."""
    import torch

    check = "the discriminator learns"
    if hand.discriminator is None or hand.domain_loss is None:
        return not_asked(check, "no discriminator was handed over")
    batch: dict[str, Any] = dict(hand.batch)
    for key, value in batch.items():
        if key[0] == "x" and key[-1] == "t" and torch.as_tensor(value).is_floating_point():
            batch[key] = value + 3 * max(float(torch.as_tensor(value).std()), 0.1)
    weights = [p for p in hand.discriminator.parameters() if p.requires_grad]
    if not weights:
        return fault(check, "none of its weights requires a gradient", "open them to training")
    optimizer = torch.optim.Adam(weights, lr=1e-2)
    losses = []
    for _ in range(150):
        loss = hand.domain_loss(hand.model, hand.discriminator, batch)
        losses.append(float(loss.detach()))
        optimizer.zero_grad()
        if loss.requires_grad:
            loss.backward()
        optimizer.step()
    first, last = sum(losses[:3]) / 3, sum(losses[-10:]) / 10
    said = f"its loss goes from {first:.3g} to {last:.3g} on domains pushed apart"
    if first - last > 0.2 * max(abs(first), 0.1):
        with torch.no_grad():
            mixed = float(hand.domain_loss(hand.model, hand.discriminator, _mixed(batch)))
        if mixed - last > 0.1 * (first - last):
            return well(check, said)
        return fault(
            check,
            f"{said}, and is {mixed:.3g} with half of the rows exchanged: one answer for all rows",
            "look for domain labels that are the same for source and target",
        )
    return fault(
        check,
        said,
        "look for a softmax over one score, scores behind a detach, and the sign of its loss",
    )


def _mixed(batch: dict[str, Any]) -> dict[str, Any]:
    """Return a batch whose domains have exchanged half of their inputs."""
    import torch

    found = dict(batch)
    for key, own in batch.items():
        other = batch.get(f"{key[:-1]}t")
        if key[0] != "x" or key[-1] != "s" or other is None or own.shape[1:] != other.shape[1:]:
            continue
        own, other = torch.as_tensor(own), torch.as_tensor(other)
        half = min(len(own), len(other)) // 2
        found[key] = torch.cat([other[:half].to(own), own[half:]])
        found[f"{key[:-1]}t"] = torch.cat([own[:half].to(other), other[half:]])
    return found


def _gradients(value: Any, weights: list[Any]) -> list[Any]:
    """Return the gradient of a value at each weight, None where there is none."""
    import torch

    if not value.requires_grad or not weights:
        return [None] * len(weights)
    return list(torch.autograd.grad(value, weights, allow_unused=True, retain_graph=True))


def _is_there(gradient: Any) -> bool:
    return gradient is not None and bool((gradient != 0).any())


def _plain_step(hand: Handover, weights: list[Any]) -> list[Any]:
    """Make one small step down the loss, and return the gradients."""
    import torch

    found = _gradients(hand.total(), weights)
    with torch.no_grad():
        for weight, gradient in zip(weights, found, strict=True):
            if gradient is not None:
                weight -= RATE * gradient / (1 + gradient.norm())
    return found


def _free(hand: Handover) -> dict[str, Any]:
    assert hand.model is not None
    named = hand.model.named_parameters()
    held = tuple(f"{name}." for name in hand.frozen or ())
    free = {n: p for n, p in named if p.requires_grad and not (held and n.startswith(held))}
    if hand.discriminator is None:
        return free
    theirs = {id(p) for p in hand.discriminator.parameters()}
    return {name: p for name, p in free.items() if id(p) not in theirs}


def _frozen(hand: Handover) -> list[str]:
    """Return the names of frozen modules: those named, or layers with closed weights only."""
    if hand.frozen is not None:
        return list(hand.frozen)
    assert hand.model is not None
    found = []
    for name, module in hand.model.named_modules():
        own = list(module.parameters(recurse=False))
        if name and own and not any(p.requires_grad for p in own):
            found.append(name)
    return found


def _some(names: list[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
