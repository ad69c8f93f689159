"""Running the reader's code at a known state of the generators, and comparing what comes out."""

from __future__ import annotations

import random
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

OURS = str(Path(__file__).parents[2])
"""The folder of this library."""


def seeded(seed: int) -> None:
    """Set the global generators of Python, NumPy and torch."""
    import torch

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the reader's code may draw from it
    torch.manual_seed(seed)


def in_a_line(error: BaseException) -> str:
    """Return an error's type, first words, and the last line of the reader's code on its way."""
    first = str(error).strip().split("\n")[0][:200]
    frames = traceback.extract_tb(error.__traceback__)
    others = ("site-packages", OURS, "<frozen")
    theirs = [f for f in frames if not any(each in f.filename for each in others)]
    where = f" ({Path(theirs[-1].filename).name}, line {theirs[-1].lineno})" if theirs else ""
    return f"{type(error).__name__}: {first}{where}"


@contextmanager
def generators_kept() -> Iterator[None]:
    """Put the global generators back where they were."""
    import torch

    plain, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng():
        try:
            yield
        finally:
            random.setstate(plain)
            np.random.set_state(numpys)  # noqa: NPY002


def as_numpy(values: Any) -> np.ndarray:
    """Return a tensor of any device, or what is nearly an array, as an array."""
    import torch

    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        values = (values.float() if values.dtype is torch.bfloat16 else values).numpy()
    return np.array(values)


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    """Return whether two results of training are equal: weights, or answers."""
    if len(first) != len(second):
        return False
    pairs = zip(first, second, strict=True)
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def numbers(result: Any, batch: Mapping[str, Any]) -> list[np.ndarray]:
    """Return the numbers of a training's result: weights of a module, answers of an estimator.

    Raises
    ------
    ValueError
        If it is none of these and no array.
    """
    import torch

    if isinstance(result, torch.nn.Module):
        return [as_numpy(value) for value in result.state_dict().values()]
    if hasattr(result, "predict"):
        result = result.predict(batch["xt"] if "xt" in batch else batch["xs"])
    array = as_numpy(result)
    if array.dtype.kind == "O":
        kind = type(result).__name__
        raise ValueError(f"train: got {kind} back, want a module, an estimator or an array")
    return [array]
