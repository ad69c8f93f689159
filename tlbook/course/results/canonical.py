"""A definition as text that only a change of what it does can change.

Docstrings, comments, formatting, annotations and imports leave the text alone. A name of our own is
written without its module, so that files may move; a foreign one with its whole dotted path.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tlbook.course.results.source import Foreign, Own, OwnModule, Sources, Target, imports

UNWRITTEN = ("annotation", "returns", "type_comment", "type_params", "kind", "ctx")
"""Fields that say nothing about what happens: annotations foremost."""
SHOWN = {
    "__dir__",
    "__reduce__",
    "__repr__",
    "__str__",
    "_ipython_display_",
    "_repr_html_",
}
"""Methods that show or pickle an object: no number comes from them."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

SILENT = (
    "tlbook.training.lock",  # keeps others out of a folder
    "tlbook.training.by_rows",  # does nothing in one process
    "tlbook.training.drawn_labels",  # refuses labels or changes nothing
    "tlbook.domains.refusals",  # refuses answers and parts or changes nothing
    "tlbook._base.rights",  # who may read a file
    "tlbook._base.home",  # refuses folders of unknown users
    "tlbook.data.online.closed",  # refuses folders of other users
)
"""Modules whose calls decide no number in one process, as studies run."""

BINDERS = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
)


@dataclass
class Scope:
    """Names bound in one function, class or comprehension, and what it imports."""

    bound: set[str]
    imported: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    of_class: bool = False


class Writer:
    """Write statements of one module; collect what they refer to and the texts in them."""

    def __init__(self, sources: Sources, module: str) -> None:
        self.sources, self.module = sources, module
        self.package = sources.module(module).package
        self.scopes: list[Scope] = []
        self.used: set[Own | OwnModule] = set()
        self.texts: set[str] = set()
        self.written: set[int] = set()

    def write(self, node: Any) -> str:
        """Return the canonical text of a node, a list of nodes or a plain value."""
        if isinstance(node, list):
            return "[" + ",".join(self.write(n) for n in node if id(n) not in self.written) + "]"
        if not isinstance(node, ast.AST):
            return f"{type(node).__name__}:{node!r}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.texts.add(node.value)
        if isinstance(node, ast.Name | ast.Attribute) and (known := self._known(node)):
            return known
        scope = scope_of(node, self.package)
        if scope is None:
            return self._fields(node)
        around = _around(node)
        text = self.write(around)
        self.written |= {id(part) for part in around}
        self.scopes.append(scope)
        try:
            return text + self._fields(node)
        finally:
            self.scopes.pop()

    def _fields(self, node: ast.AST) -> str:
        parts = []
        for name, value in ast.iter_fields(node):
            if name in UNWRITTEN or id(value) in self.written:
                continue
            if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                value = [s for s in value if not (_says_nothing(s) or self._is_silent(s))]
            # Newer versions of Python add fields, which are empty.
            if value is not None and value != []:
                parts.append(f"{name}={self.write(value)}")
        return f"{type(node).__name__}({','.join(parts)})"

    def _is_silent(self, statement: ast.AST) -> bool:
        """Return whether a statement is nothing but the call of a silent module's function."""
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
            return False
        target, rest = self._target(statement.value.func)
        return isinstance(target, Own) and not rest and target.module in SILENT

    def _known(self, node: ast.Name | ast.Attribute) -> str | None:
        """Return ``@name`` for an own definition, a dotted path for a foreign one."""
        target, rest = self._target(node)
        if target is None:
            return None
        dots = "".join(f".{name}" for name in rest)
        if isinstance(target, Foreign):
            return f"<{target.path}{dots}>"
        self.used.add(target)
        if isinstance(target, OwnModule):
            return f"@module{dots}"
        return f"@{target.name}{dots}"

    def _target(self, node: ast.AST) -> tuple[Target | None, list[str]]:
        if isinstance(node, ast.Name):
            return self._lookup(node.id), []
        if not isinstance(node, ast.Attribute):
            return None, []
        target, rest = self._target(node.value)
        if isinstance(target, OwnModule) and not rest:
            found = self.sources.resolve(target.module, node.attr)
            return (found, []) if found is not None else (target, [node.attr])
        return target, [*rest, node.attr]

    def _lookup(self, name: str) -> Target | None:
        for depth, scope in enumerate(reversed(self.scopes)):
            if scope.of_class and depth:
                continue  # methods do not see the names of their class
            if name in scope.imported:
                return self.sources.target(*scope.imported[name])
            if name in scope.bound:
                return None
        return self.sources.resolve(self.module, name)


def scope_of(node: ast.AST, package: str) -> Scope | None:
    """Return the scope that a node opens, if it opens one."""
    if isinstance(node, COMPREHENSIONS):
        return Scope({name for g in node.generators for name in _stored(g.target)})
    if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return None
    scope = Scope(set(), of_class=isinstance(node, ast.ClassDef))
    if not isinstance(node, ast.ClassDef):
        every = node.args
        given = [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg]
        scope.bound |= {argument.arg for argument in given if argument is not None}
    body = node.body if isinstance(node.body, list) else [node.body]
    outer: set[str] = set()
    for inner in _own_nodes(body):
        if isinstance(inner, ast.Import | ast.ImportFrom):
            scope.imported |= imports(inner, package)
        elif isinstance(inner, ast.Global | ast.Nonlocal):
            outer |= set(inner.names)
        elif isinstance(inner, BINDERS) and inner.name:
            scope.bound.add(inner.name)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            scope.bound.add(inner.id)
    scope.bound -= outer
    return scope


def _own_nodes(nodes: list[Any]) -> Iterator[ast.AST]:
    """Walk without entering inner functions, classes and comprehensions."""
    for node in nodes:
        yield node
        if not isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)):
            yield from _own_nodes(list(ast.iter_child_nodes(node)))


def _stored(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _around(node: Any) -> list[ast.AST]:
    """Return the parts of a definition that are evaluated in the scope around it."""
    if isinstance(node, COMPREHENSIONS):
        return [node.generators[0].iter]
    parts = [*getattr(node, "decorator_list", ()), *getattr(node, "bases", ())]
    if isinstance(node, FUNCTIONS):
        parts += [d for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None]
    return parts


def _says_nothing(statement: ast.AST) -> bool:
    """Return whether it is a docstring, an import, or a method that only shows an object."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    if isinstance(statement, ast.FunctionDef) and statement.name in SHOWN:
        return True
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
