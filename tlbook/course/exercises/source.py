"""The solution of an exercise as text: the reference's own source, or ``answer = ...``."""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

# What every notebook has imported before its first exercise.
GIVEN = {"np"}
WIDTH = 88


def solution_of(reference: Any, because: str = "") -> str:
    """Return Python source that answers the question.

    For a function: its source as it stands in the file, comments included, after the functions,
    constants and imports of its module that it needs (NumPy is ``np`` in every notebook). For a
    value: ``answer = value``, under ``because`` as a comment.

    Raises
    ------
    ValueError
        If the reference is a function that is not defined at the top of a module.
    """
    if callable(reference):
        return _with_what_it_needs(reference)
    return (f"# {because}\n" if because else "") + f"answer = {literal(reference)}"


def _with_what_it_needs(function: Any) -> str:
    module = sys.modules[function.__module__]
    text = inspect.getsource(module)
    tree = ast.parse(text)
    definitions = {name: node for node in tree.body for name in _binds(node)}
    name = function.__name__
    if not isinstance(function, FunctionType) or getattr(module, name, None) is not function:
        raise ValueError(
            f"reference: got {name} of {module.__name__}, want a function defined at its top"
        )
    needed: set[str] = set()
    _collect(name, definitions, needed)
    imports = [
        _import_line(definitions[name], name)
        for name in definitions
        if name in needed and isinstance(definitions[name], (ast.Import, ast.ImportFrom))
    ]
    blocks = ["\n".join(imports)] if imports else []
    for node in tree.body:
        if needed.intersection(_binds(node)) and not isinstance(node, (ast.Import, ast.ImportFrom)):
            blocks.append("\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno]))
    return "\n\n\n".join(blocks)


def _binds(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a module defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)


def _collect(name: str, definitions: dict[str, ast.stmt], needed: set[str]) -> None:
    """Add a name and the names that its definition uses; a local variable hides a global one."""
    if name in needed or name in GIVEN or name not in definitions:
        return
    needed.add(name)
    steps = list(ast.walk(definitions[name]))
    local = {s.arg for s in steps if isinstance(s, ast.arg)}
    local |= {s.id for s in steps if isinstance(s, ast.Name) and isinstance(s.ctx, ast.Store)}
    used = {s.id for s in steps if isinstance(s, ast.Name)} - local
    for other in used:
        _collect(other, definitions, needed)


def _import_line(node: ast.stmt, name: str) -> str:
    """Return the import of one name out of a statement that may import several."""
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    alias = next(a for a in node.names if (a.asname or a.name).split(".")[0] == name)
    line = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
    return f"from {node.module} {line}" if isinstance(node, ast.ImportFrom) else line


def literal(value: Any, indent: str = "") -> str:
    """Return a value as Python source: sets in order, one entry a line where it gets long."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, set, frozenset, list, tuple)):
        return repr(value)
    if not value:
        return "set()" if isinstance(value, (set, frozenset)) else repr(value)
    inner = indent + "    "
    if isinstance(value, dict):
        entries = [f"{literal(k)}: {literal(v, inner)}" for k, v in value.items()]
    else:
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        entries = [literal(item, inner) for item in items]
    opening, closing = {list: ("[", "]"), tuple: ("(", ")")}.get(type(value), ("{", "}"))
    line = opening + ", ".join(entries) + closing
    if len(indent) + len(line) + len("answer = ") <= WIDTH and "\n" not in line:
        return line
    return f"{opening}\n" + "".join(f"{inner}{e},\n" for e in entries) + f"{indent}{closing}"
