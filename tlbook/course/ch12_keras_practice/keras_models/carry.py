"""Weights from Keras to PyTorch and back: the axes turn, the names stay.

A kernel is (height, width, in, out) in Keras and (out, in, height, width) in PyTorch; a depthwise
kernel (height, width, channels, 1) and (channels, 1, height, width); a dense layer (in, out) and
(out, in). BatchNorm's four vectors only change their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

NORM = (
    ("weight", "gamma"),
    ("bias", "beta"),
    ("running_mean", "moving_mean"),
    ("running_var", "moving_variance"),
)
PREFIX = "layers."
"""Where :class:`.twin.MobileNetV2` keeps the layers of the base."""


def weights_of(layer: Any) -> dict[str, np.ndarray]:
    """Return the weights of one Keras layer as PyTorch lays them out; empty if it has none."""
    kind = type(layer).__name__
    if kind == "BatchNormalization":
        return {ours: np.array(_numpy(getattr(layer, theirs))) for ours, theirs in NORM}
    if kind not in ("Conv2D", "DepthwiseConv2D", "Dense"):
        return {}
    kernel = _numpy(layer.kernel)
    axes = {"Conv2D": (3, 2, 0, 1), "DepthwiseConv2D": (2, 3, 0, 1), "Dense": (1, 0)}[kind]
    found = {"weight": np.ascontiguousarray(kernel.transpose(axes))}
    if layer.use_bias:
        found["bias"] = np.array(_numpy(layer.bias))
    return found


def to_torch(base: Any) -> dict[str, Tensor]:
    """Return the state of the twin's layers, ``layers.<name>.<weight>``, from a Keras base."""
    return {
        f"{PREFIX}{layer.name}.{key}": torch.from_numpy(value)
        for layer in base.layers
        for key, value in weights_of(layer).items()
    }


def to_keras(state: Mapping[str, Any], base: Any) -> Any:
    """Put the state of the twin's layers into a Keras base of the same shape, and return it.

    Parameters
    ----------
    state : mapping from ``layers.<name>.<weight>`` to array or tensor
        Other entries (the head) are left alone.
    base : keras.Model
        With layers of these names.

    Raises
    ------
    ValueError
        If a layer of the base is missing in the state or has another shape, or the state has a
        layer that the base lacks.
    """
    wanted = {layer.name: weights_of(layer) for layer in base.layers if weights_of(layer)}
    given = {key.removeprefix(PREFIX).split(".")[0] for key in state if key.startswith(PREFIX)}
    if given != set(wanted):
        odd = sorted(given ^ set(wanted))
        raise ValueError(f"state: {len(odd)} layers do not match those of the base: {odd[:3]}")
    for layer in base.layers:
        if layer.name not in wanted:
            continue
        values = {}
        for key, old in wanted[layer.name].items():
            new = np.asarray(state[f"{PREFIX}{layer.name}.{key}"])
            if new.shape != old.shape:
                raise ValueError(f"state: {layer.name} has shape {new.shape}, want {old.shape}")
            values[key] = new
        _assign(layer, values)
    return base


def head_to_keras(head: nn.Linear, dense: Any) -> None:
    """Put a linear layer of PyTorch into a dense layer of Keras."""
    _assign(dense, {key: np.asarray(value) for key, value in head.state_dict().items()})


def _assign(layer: Any, values: dict[str, np.ndarray]) -> None:
    if type(layer).__name__ == "BatchNormalization":
        for ours, theirs in NORM:
            getattr(layer, theirs).assign(values[ours])
        return
    axes = {"Conv2D": (2, 3, 1, 0), "DepthwiseConv2D": (2, 3, 0, 1), "Dense": (1, 0)}
    layer.kernel.assign(values["weight"].transpose(axes[type(layer).__name__]))
    if "bias" in values:
        layer.bias.assign(values["bias"])


def _numpy(variable: Any) -> np.ndarray:
    from keras import ops

    return ops.convert_to_numpy(variable)
