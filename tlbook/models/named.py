"""The course's networks by name: untrained, or with the weights that ship."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from tlbook._base.checks import check_choice
from tlbook.models.seeding import seeded
from tlbook.models.small import DigitNet, SignNet


def untrained(name: str = "signnet", n_classes: int = 10, seed: int = 0) -> nn.Module:
    """Return one of the course's networks with random weights drawn from ``seed``.

    Raises
    ------
    ValueError
        If there is no network of this name.
    """
    kinds: dict[str, Callable[[int], nn.Module]] = {"signnet": SignNet, "digitnet": DigitNet}
    check_choice(name, "name", kinds)
    return seeded(lambda: kinds[name](n_classes), seed)


def pretrained(name: str = "signnet") -> SignNet:
    """Return a network with the weights that ship with the project (sha256 checked).

    ``"signnet"`` was trained on 71 letter classes painted on photographs
    (``tlbook pretrain signnet`` makes it again). It has never seen a digit.

    Raises
    ------
    ValueError
        If the name is unknown, or the file is missing or damaged.
    """
    from tlbook.data.weight_files.shipped import load_weights

    check_choice(name, "name", ("signnet",))
    state: dict[str, Any] = load_weights(name)
    model = SignNet(n_classes=state["head.weight"].shape[0])
    model.load_state_dict(state)
    return model.eval()
