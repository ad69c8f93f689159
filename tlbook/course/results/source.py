"""Source files as tables of names: what a module defines, what it imports, and from where."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Statement = ast.stmt


@dataclass(frozen=True)
class Own:
    """A definition of ours: a function, a class or a constant."""

    module: str
    name: str


@dataclass(frozen=True)
class OwnModule:
    """A module or package of ours."""

    module: str


@dataclass(frozen=True)
class Foreign:
    """A name of another package, by its dotted path."""

    path: str


Target = Own | OwnModule | Foreign


@dataclass
class Module:
    """One parsed file: the statements behind each name, and the names that it imports."""

    name: str
    is_package: bool
    tree: ast.Module
    defined: dict[str, list[Statement]] = field(default_factory=dict)
    imported: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in self.tree.body:
            self._enter(statement)

    def _enter(self, statement: Statement) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self.imported |= imports(statement, self.package)
        elif is_type_checking(statement):
            for inner in statement.body:  # type: ignore[attr-defined]
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    self.imported |= imports(inner, self.package)
        else:
            for name in _names_set(statement):
                self.defined.setdefault(name, []).append(statement)
            if isinstance(statement, ast.If | ast.Try):
                for inner in ast.walk(statement):
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        self.imported |= imports(inner, self.package)

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


class Sources:
    """The modules of one package, parsed when they are first asked for.

    Parameters
    ----------
    root : Path
        Folder that holds the package.
    package : str
        Its name.
    """

    def __init__(self, root: Path, package: str = "tlbook") -> None:
        self.root, self.package = root, package
        self._modules: dict[str, Module] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """Dotted name -> file, of every module."""
        found = {}
        for path in sorted((self.root / self.package).rglob("*.py")):
            parts = path.relative_to(self.root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    def module(self, name: str) -> Module:
        """Return the module called ``name``; ``ValueError`` where there is none."""
        if name not in self.files:
            raise ValueError(f"module: got {name!r}, want a module of {self.package}")
        if name not in self._modules:
            path = self.files[name]
            tree = ast.parse(path.read_text(encoding="utf-8"))
            self._modules[name] = Module(name, path.name == "__init__.py", tree)
        return self._modules[name]

    def resolve(self, module: str, name: str) -> Target | None:
        """Return what ``name`` means at the top of ``module``; ``None`` for a builtin."""
        here = self.module(module)
        if name in here.defined:
            return Own(module, name)
        # A package that imports its own module by name: the name is the module.
        if name in here.imported and here.imported[name] != (module, name):
            return self.target(*here.imported[name])
        if f"{module}.{name}" in self.files:
            return OwnModule(f"{module}.{name}")
        return self._lazy(here, name) if here.is_package else None

    def target(self, module: str, name: str | None) -> Target:
        """Return what ``import module`` or ``from module import name`` brings."""
        if module.partition(".")[0] != self.package:
            return Foreign(module if name is None else f"{module}.{name}")
        if name is None:
            return OwnModule(module)
        found = self.resolve(module, name)
        if found is None:
            raise ValueError(f"module: {module} has no {name}, which another module imports")
        return found

    def _lazy(self, package: Module, name: str) -> Own | None:
        """Find a name that a package's ``__getattr__`` imports from one of its modules."""
        if "__getattr__" not in package.defined:
            return None
        inside = [m for m in self.files if m.rpartition(".")[0] == package.name]
        found = [m for m in inside if name in self.module(m).defined]
        return Own(found[0], name) if len(found) == 1 else None


def imports(
    statement: ast.Import | ast.ImportFrom, package: str
) -> dict[str, tuple[str, str | None]]:
    """Return {local name: (module, name in it)}; the name is ``None`` for a whole module."""
    if isinstance(statement, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: (
                alias.name if alias.asname else alias.name.partition(".")[0],
                None,
            )
            for alias in statement.names
        }
    module = statement.module or ""
    if statement.level:
        base = package.split(".")[: len(package.split(".")) - statement.level + 1]
        module = ".".join([*base, *([module] if module else [])])
    return {alias.asname or alias.name: (module, alias.name) for alias in statement.names}


def is_type_checking(statement: ast.AST) -> bool:
    """Return whether a statement is ``if TYPE_CHECKING:``, which never runs."""
    return isinstance(statement, ast.If) and (
        getattr(statement.test, "id", None) == "TYPE_CHECKING"
        or getattr(statement.test, "attr", None) == "TYPE_CHECKING"
    )


def _names_set(statement: Statement) -> list[str]:
    """Return the names at the top of a module that a statement makes or changes."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return []
    if isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Call):
        return []
    names = {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
        and (isinstance(node.ctx, ast.Store) or _is_changed(node, statement))
    }
    return sorted(names)


def _is_changed(name: ast.Name, statement: Statement) -> bool:
    """``TABLE[key] = …``, ``Class.attribute = …`` and ``TABLE.update(…)`` belong to their name."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and node.value is name:
            called = isinstance(statement, ast.Expr) and isinstance(node, ast.Attribute)
            if isinstance(node.ctx, ast.Store) or called:
                return True
    return False
