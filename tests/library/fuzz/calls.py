"""The public functions and classes, and calls of them with good and hostile arguments."""

from __future__ import annotations

import inspect
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import torch

import tlbook
from tests.library.fuzz import pool
from tests.library.fuzz.good import GOOD, LIMITED
from tests.library.fuzz.own import OF_ITS_OWN

LEFT_OUT = {
    "data.load": "renders or downloads what it is asked for: tests/library/data",
    "data.load_weights": "reads shipped files by name only",
    "data.weights": "may download",
    "data.cached": "wraps a function; what that raises is its own",
    "plots.styled": "wraps a function; what that raises is its own",
    "plots.use_style": "changes matplotlib for the whole process",
    "plots.CourseFigure": "matplotlib's own class",
    "models.DigitNet": "guarded by the shipped weights; models.create checks for it",
    "models.SignNet": "guarded by the shipped weights; models.create checks for it",
    "models.seeded": "calls a function; what that raises is its own",
    "training.join": "starts processes",
    "training.launch": "starts processes",
    "training.World": "joins processes",
    "finetuning.ParameterGroups": "a list with a repr",
    "diagnosis.diagnose_files": "reads files: tests/library/diagnosis",
}
"""Names that are not called, and why."""

FEW = dict.fromkeys(
    (
        "diagnosis.diagnose",
        "diagnosis.examine",
        "text.fine_tune",
        "text.text_classifier",
        "text.encoder",
        "text.MiniLM",
        "training.matrix_rate",
        "training.report",
    ),
    4,
)
"""Take a second where the arguments are good: fewer calls."""


@dataclass(frozen=True)
class Public:
    """One public function or class with its parameters."""

    name: str
    target: Any
    parameters: dict[str, inspect.Parameter]
    """Those that are drawn; ``*terms`` and ``**options`` may be named by an error as well."""
    names: tuple[str, ...]


def public() -> list[Public]:
    """Return what the packages of the library offer, in order."""
    found = []
    for part in tlbook._PARTS:
        if part in ("course", "workshop", "scale"):  # scale starts processes and servers
            continue
        module = import_module(f"tlbook.{part}")
        for name in getattr(module, "__all__", ()):
            target, full = getattr(module, name), f"{part}.{name}"
            if isinstance(target, ModuleType) or not callable(target) or full in LEFT_OUT:
                continue
            if inspect.isclass(target) and (
                _is_record(target) or issubclass(target, BaseException)
            ):
                continue
            every = inspect.signature(target).parameters
            chosen = {
                each: parameter
                for each, parameter in every.items()
                if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
            }
            found.append(Public(full, target, chosen, tuple(every)))
    return found


def _is_record(target: Any) -> bool:
    """Return whether a class only carries results: a dataclass or tuple that checks nothing."""
    return (is_dataclass(target) and not hasattr(target, "__post_init__")) or issubclass(
        target, tuple
    )


def draws(what: Public, n: int) -> Iterator[dict[str, Any]]:
    """Yield the arguments of n calls, the same in every run; in the first nothing is hostile."""
    rng = np.random.default_rng(zlib.crc32(what.name.encode()))
    own = OF_ITS_OWN.get(what.name, {})
    right = GOOD | own
    kept = {*LIMITED, *own}
    for number in range(n):
        hostile = pool.hostile()
        arguments: dict[str, Any] = {}
        for name, parameter in what.parameters.items():
            needed = parameter.default is parameter.empty
            if name in right and (needed or name in kept or (number and rng.random() < 0.3)):
                arguments[name] = right[name]()
            elif needed:
                arguments[name] = hostile[rng.integers(len(hostile))]
        names = list(what.parameters)
        for _ in range(1 + int(rng.random() < 0.3) if number and names else 0):
            arguments[names[rng.integers(len(names))]] = hostile[rng.integers(len(hostile))]
        yield arguments


def outcome(what: Public, arguments: dict[str, Any]) -> str:
    """Call it; return "result", "error", or what is wrong with the way in which it ended."""
    before = {name: _frozen(value) for name, value in arguments.items()}
    try:
        what.target(**arguments)
        found = "result"
    except (TypeError, ValueError) as error:
        # A name as a word, not a part of one: "y: got …", "target_test X", "the seed".
        named = [name for name in what.names if re.search(rf"\b{re.escape(name)}\b", str(error))]
        found = "error" if named else f"names no argument: {type(error).__name__}: {error}"
    except ImportError:
        found = "error"  # of an extra, by its name
    except Exception as error:
        kind = type(error)
        ours = kind.__module__.startswith("tlbook")  # Divergence, Offline: said in the docstring
        found = "error" if ours else f"{kind.__module__}.{kind.__name__}: {error}"
    changed = [name for name, value in arguments.items() if _frozen(value) != before[name]]
    return f"changed {', '.join(changed)}" if changed else found


def _frozen(value: Any) -> Any:
    """Return the content of an array, a tensor or a list of such; None for other things."""
    if isinstance(value, np.ma.MaskedArray):
        return value.tobytes(), np.ma.getmaskarray(value).tobytes()
    if isinstance(value, np.ndarray):
        return (
            value.shape,
            str(value.dtype),
            value.tolist() if value.dtype == object else value.tobytes(),
        )
    if isinstance(value, torch.Tensor) and value.device.type != "meta":
        return tuple(value.shape), value.detach().float().numpy().tobytes()
    if isinstance(value, list | tuple):
        return [_frozen(each) for each in value]
    if hasattr(value, "to_numpy"):
        return value.to_numpy().tolist()
    return None
