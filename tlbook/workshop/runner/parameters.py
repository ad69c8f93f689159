"""The parameters that a chapter has, and whether those that came with ``-p`` fit them."""

import ast
import difflib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BUDGETS = ("quick", "full")
DEVICES = ("auto", "cpu", "cuda", "mps")

KNOWN: dict[str, tuple[Callable[[Any], bool], str]] = {
    "budget": (lambda value: value in BUDGETS, " or ".join(BUDGETS)),
    "device": (lambda value: value.split(":")[0] in DEVICES, "auto, cpu, cuda or mps"),
    "seed": (lambda value: value >= 0, "0 or more"),
}
"""What the parameters that every chapter has may be, and how that is said."""


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


def parameters_for(notebooks: Sequence[Path], given: dict[str, Any]) -> list[dict[str, Any]]:
    """Return for each notebook those of the given parameters that it has, typed as its own are.

    Parameters
    ----------
    notebooks : sequence of Path
    given : dict
        Values by name; a text is read as the notebook's own value is written: "1e-3" is a number
        where that is one, and a word where that is a word.

    Raises
    ------
    ValueError
        If none of the notebooks has a parameter, or a value does not fit; it names the parameter,
        what came and what is wanted.
    """
    if not given:
        return [{} for _ in notebooks]
    own = [parameters_of(notebook) for notebook in notebooks]
    known = sorted({name for each in own for name in each})
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"-p: got {name!r}, want one of {', '.join(known)}{meant}")
    return [
        {name: _typed(name, given[name], has[name]) for name in given if name in has} for has in own
    ]


def _typed(name: str, value: Any, default: Any) -> Any:
    """Return the value as the notebook's default is typed; refuse one that cannot be."""
    read = _read(value, default) if isinstance(value, str) else value
    if default is ... or default is None or _fits(read, default):
        if name in KNOWN and not KNOWN[name][0](read):
            raise ValueError(f"-p: got {name}={read!r}, want {KNOWN[name][1]}")
        return read
    wanted = type(default).__name__
    raise ValueError(f"-p: got {name}={value!r}, want a value of type {wanted} as {default!r}")


def _read(text: str, default: Any) -> Any:
    import yaml

    if isinstance(default, float):
        try:
            return float(text)  # YAML takes 1e-3 for a word
        except ValueError:
            return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return text if isinstance(default, str) and not isinstance(value, str) else value


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    if isinstance(default, (list, tuple)):
        return isinstance(value, (list, tuple))
    return isinstance(value, type(default))
