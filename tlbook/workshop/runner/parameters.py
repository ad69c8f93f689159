"""The parameters that a chapter has, and whether those that came with ``-p`` fit them."""

import ast
import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def parameters_of(notebook: Path) -> dict[str, Any]:
    """Return names and defaults of the cell tagged ``parameters``.

    A default that is computed from others is ``...``: it may be anything.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    for cell in content["cells"]:
        if "parameters" not in cell["metadata"].get("tags", ()):
            continue
        for statement in ast.parse("".join(cell["source"])).body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                found[statement.targets[0].id] = _literal(statement.value)
    return found


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ...


def check_parameters(notebooks: Sequence[Path], given: dict[str, Any]) -> None:
    """Refuse a parameter that none of the notebooks has, or a value of another type.

    Raises
    ------
    ValueError
        That names the parameter, what came and what is wanted.
    """
    if not given:
        return
    known: dict[str, Any] = {}
    for notebook in notebooks:
        known |= parameters_of(notebook)
    for name, value in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"-p: got {name!r}, want one of {', '.join(sorted(known))}{meant}")
        default = known[name]
        if default is ... or default is None or _fits(value, default):
            continue
        wanted = type(default).__name__
        raise ValueError(f"-p: got {name}={value!r}, want a value of type {wanted} as {default!r}")


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    if isinstance(default, (list, tuple)):
        return isinstance(value, (list, tuple))
    return isinstance(value, type(default))
