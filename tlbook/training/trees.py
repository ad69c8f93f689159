"""Nested state (dicts, lists, numbers, tensors) as flat tensors plus JSON, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor


def flatten(tree: Any, path: str = "state") -> tuple[Any, dict[str, Tensor]]:
    """Return the tree with every tensor replaced by its key, and the tensors by key.

    Dicts become lists of pairs, so that keys that are no text (the numbers in an optimizer's
    state) survive. Floats stay exact: JSON writes the shortest text that reads back the same.

    Raises
    ------
    ValueError
        If a leaf is neither a tensor, an array, a number, a text, a boolean nor None.
    """
    tensors: dict[str, Tensor] = {}

    def walk(node: Any, path: str) -> Any:
        if isinstance(node, np.ndarray):
            node = torch.from_numpy(np.ascontiguousarray(node))
        if isinstance(node, Tensor):
            # A clone of its own: safetensors refuses tensors that share memory.
            tensors[path] = node.detach().cpu().clone(memory_format=torch.contiguous_format)
            return {"tensor": path}
        if isinstance(node, dict):
            return {"dict": [[k, walk(v, f"{path}.{k}")] for k, v in node.items()]}
        if isinstance(node, list | tuple):
            kind = "tuple" if isinstance(node, tuple) else "list"
            return {kind: [walk(v, f"{path}.{i}") for i, v in enumerate(node)]}
        if isinstance(node, np.generic):
            node = node.item()
        if node is None or isinstance(node, bool | int | float | str):
            return {"value": node}
        raise ValueError(
            f"{path}: got {type(node).__name__}, want tensors, numbers or texts in a checkpoint"
        )

    return walk(tree, path), tensors


def unflatten(skeleton: Any, tensors: dict[str, Tensor]) -> Any:
    """Return the tree that :func:`flatten` took apart.

    Raises
    ------
    KeyError
        If a tensor is missing.
    """
    ((kind, inside),) = skeleton.items()
    if kind == "tensor":
        return tensors[inside]
    if kind == "dict":
        return {_key(k): unflatten(v, tensors) for k, v in inside}
    if kind in ("list", "tuple"):
        values = [unflatten(v, tensors) for v in inside]
        return tuple(values) if kind == "tuple" else values
    return inside


def _key(key: Any) -> Any:
    return tuple(key) if isinstance(key, list) else key
