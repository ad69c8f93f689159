"""What makes a network again without its code: a few words and numbers that go into a JSON file."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from torch import nn

from tlbook._base.checks import check_choice
from tlbook._base.extras import needs
from tlbook.models.create import create
from tlbook.models.lenet import LeNet
from tlbook.models.small import DigitNet, SignNet
from tlbook.models.split import Split, wrap

TEXTS = "tlbook.text.encoder_files"
"""Describes and rebuilds encoders of texts; by name, as in ``create``, for it imports models."""

OWN = {"kind": "own"}
"""A network of the user's own class: ``load(path, into=network)`` fills it."""

Description = dict[str, Any]


def describe(model: nn.Module, architecture: str | None = None) -> Description:
    """Return what :func:`rebuild` needs.

    Raises
    ------
    ValueError
        If the network has LoRA adapters, or ``architecture`` is no network of torchvision.
    """
    if any(hasattr(layer, "lora_A") for layer in model.modules()):
        raise ValueError(
            "model: got one with LoRA adapters, want them merged: tlbook.finetuning.lora_merge("
            "model), or model.merge_and_unload() of peft"
        )
    if architecture is not None:
        names = _torchvision_names()
        check_choice(architecture, "architecture", names)
        kind = "wrapped" if isinstance(model, Split) else "torchvision"
        return {"kind": kind, "name": architecture}
    if isinstance(model, SignNet):
        convolutions = [layer for layer in model.body if isinstance(layer, nn.Conv2d)]
        widths = [[each.out_channels, each.stride[0]] for each in convolutions]
        return {"kind": "signnet", "channels": widths}
    if isinstance(model, DigitNet):
        return {"kind": "digitnet"}
    if isinstance(model, LeNet):
        channels, size, _ = model.shape
        hidden = model.hidden.out_features
        return {"kind": "lenet", "channels": channels, "size": size, "hidden": hidden}
    made_by = getattr(model, "made_by", None)  # noted by models.create
    if isinstance(made_by, dict):
        return {"kind": "create", **made_by}
    if hasattr(getattr(getattr(model, "encoder", model), "config", None), "to_dict"):
        return import_module(TEXTS).describe(model)
    return dict(OWN)


def rebuild(description: Description, n_classes: int, folder: Path) -> nn.Module:
    """Return the network with a random start, its head for so many classes.

    Raises
    ------
    ValueError
        If this version knows no such kind.
    """
    options = {key: value for key, value in description.items() if key not in ("kind", "name")}
    builders: dict[str, Callable[[], nn.Module]] = {
        "signnet": lambda: SignNet(n_classes, [tuple(pair) for pair in options["channels"]]),
        "digitnet": lambda: DigitNet(n_classes),
        "lenet": lambda: LeNet(n_classes, **options),
        "create": lambda: create(description["name"], n_classes=n_classes, **options),
        "torchvision": lambda: _torchvision(description["name"], n_classes),
        "wrapped": lambda: wrap(_torchvision(description["name"], n_classes)),
        "texts": lambda: import_module(TEXTS).rebuild(folder, n_classes, **options),
        "transformers": lambda: import_module(TEXTS).rebuild_whole(folder, **options),
    }
    return builders[check_choice(description.get("kind"), "kind", builders)]()


def _torchvision(name: str, n_classes: int) -> nn.Module:
    from torchvision.models import get_model

    return get_model(name, weights=None, num_classes=n_classes)


def _torchvision_names() -> list[str]:
    needs("torchvision", "vision")
    import torchvision

    return torchvision.models.list_models(module=torchvision.models)
