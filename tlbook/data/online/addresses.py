"""Addresses of files, as the installed libraries carry them: none is written down here.

They are read from the source text of the library's module. Importing it would do too, but takes
longer than the five seconds in which a missing network has to be noticed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Addresses = Callable[[], tuple[str, ...]]


@cache
def _tree(package: str, module: str) -> ast.Module:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ValueError(f"{package} is not installed; run `make setup`")
    path = Path(spec.origin).parent / module
    if not path.is_file():
        raise ValueError(f"this version of {package} has no {module}: it carries no address")
    return ast.parse(path.read_text(encoding="utf-8"))


def constant(package: str, module: str, name: str) -> Any:
    """Return a constant of a library's module, or of a class in it, without importing it.

    Parameters
    ----------
    package, module : str
        For example ``"torchvision"`` and ``"datasets/mnist.py"``.
    name : str
        For example ``"WEIGHTS_PATH"`` or ``"MNIST.mirrors"``. What a call is given as keywords
        comes back as a dictionary of those that are literals.

    Raises
    ------
    ValueError
        If the library has no such constant (another version).
    """
    body = _tree(package, module).body
    *owners, last = name.split(".")
    for owner in owners:
        classes = [n for n in body if isinstance(n, ast.ClassDef) and n.name == owner]
        body = classes[0].body if classes else []
    for node in body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == last for target in node.targets
        ):
            return _literal(node.value)
    raise ValueError(f"this version of {package} has no {name} in {module}: it carries no address")


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        values = {k.arg: k.value for k in node.keywords if isinstance(k.value, ast.Constant)}
        return {name: value.value for name, value in values.items()}
    return ast.literal_eval(node)


def of(package: str, module: str, name: str, choose: Callable[[Any], Any]) -> Addresses:
    """Return a function that picks addresses (a str, or several) out of a library's constant."""

    def addresses() -> tuple[str, ...]:
        found = choose(constant(package, module, name))
        return (found,) if isinstance(found, str) else tuple(found)

    return addresses


def on_the_hub(repository: str, file: str, revision: str) -> Addresses:
    """Return a function that gives the address on the Hugging Face hub (``HF_ENDPOINT``)."""

    def addresses() -> tuple[str, ...]:
        from huggingface_hub import hf_hub_url

        return (hf_hub_url(repository, file, revision=revision),)

    return addresses
