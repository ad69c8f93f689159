"""The fingerprint of a study: a hash of every definition that it can reach.

Moved files, renamed modules, comments, docstrings, annotations and formatting leave it as it was;
an edited constant in a renderer three calls away does not. Names are followed through functions,
classes (whole), constants and lazy imports. Data are known by name: where ``data.load`` is reached,
a text of the reached code that names a data set brings its loader; where shipped weights or other
stored results are read, the file that is named counts by its bytes.

What it cannot see: a name that is put together at run time, and an attribute that is fetched by
``getattr``. It follows too much rather than too little: a class counts with all its methods.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache, lru_cache
from pathlib import Path

from tlbook.course.results.canonical import Writer
from tlbook.course.results.source import Own, OwnModule, Sources

ROOT = Path(__file__).resolve().parents[3]
LENGTH = 12

TABLES = {
    ("data", "load"): ("catalogue", "ENTRIES"),
    ("create", "create"): ("create", "BUILDERS"),
}
"""What loads data or builds networks by name, and the table from names to "module:function"."""
READERS = {
    ("shipped", "load_weights"): ("tlbook/data/weight_files/*.safetensors",),
    ("stored", "load"): ("data/results/*.csv",),
}
"""What reads files that count by their bytes, and where these lie."""

GUARD = tuple(f"{__package__}.{name}" for name in ("fingerprint", "canonical", "source"))
"""The guard itself decides no number."""

Fingerprint = dict[str, dict[str, str]]


def fingerprint(module: str, name: str = "study", root: Path | None = None) -> Fingerprint:
    """Return the hashes of what ``name`` in ``module`` can reach.

    Parameters
    ----------
    module : str
        Dotted name of the study's module.
    name : str
        The definition to start from.
    root : Path, optional
        Folder that holds the package; this project by default.

    Returns
    -------
    dict
        ``"code"``: {name of a definition: hash}, where several of one name share an entry.
        ``"files"``: {file name: hash} of shipped weights and of other stored results.

    Raises
    ------
    ValueError
        If there is no such module or function, or an import of the package leads nowhere.
    """
    walk = _Walk(_sources(root or ROOT))
    if name not in walk.sources.module(module).defined:
        raise ValueError(f"name: got {name!r}, want a definition of {module}")
    walk.follow(Own(module, name))
    return {"code": walk.code(), "files": walk.files(without=module.split(".")[-1])}


class _Walk:
    """Follow references until nothing new turns up."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.hashes: dict[Own, str] = {}
        self.texts: set[str] = set()

    def follow(self, start: Own) -> None:
        waiting: list[Own | OwnModule] = [start]
        seen: set[Own | OwnModule] = set()
        while True:
            while waiting:
                each = waiting.pop()
                if each in seen:
                    continue
                seen.add(each)
                waiting += self._beyond(each)
            waiting = [own for own in self._named() if own not in seen]
            if not waiting:
                return

    def _beyond(self, each: Own | OwnModule) -> list[Own | OwnModule]:
        if isinstance(each, OwnModule):
            inside = self.sources.module(each.module).defined
            return [Own(each.module, name) for name in inside]
        if any(_is(each, table) for table in TABLES.values()) or each.module in GUARD:
            return []
        digest, used, texts = _written(self.sources, each)
        if digest:
            self.hashes[each] = digest
        self.texts |= texts
        return sorted(used, key=str)

    def _named(self) -> list[Own]:
        """Return the loaders and builders that the reached code names."""
        found = []
        for reader, table in TABLES.items():
            if any(_is(own, reader) for own in self.hashes):
                entries = _entries(self.sources, table).items()
                found += [self.sources.resolve(*own) for name, own in entries if name in self.texts]
        return [own for own in found if isinstance(own, Own)]

    def code(self) -> dict[str, str]:
        """Return {name: hash}; definitions of one name share an entry."""
        by_name: dict[str, set[str]] = {}
        for own, digest in self.hashes.items():
            by_name.setdefault(own.name, set()).add(digest)
        return {name: "+".join(sorted(by_name[name])) for name in sorted(by_name)}

    def files(self, without: str) -> dict[str, str]:
        """Return the hashes of the weights and stored tables that the reached code names."""
        found: dict[str, str] = {}
        for reader, patterns in READERS.items():
            if any(_is(own, reader) for own in self.hashes):
                paths = [path for each in patterns for path in self.sources.root.glob(each)]
                named = [p for p in paths if p.stem in self.texts and p.stem != without]
                found |= {path.name: _hash_of(path) for path in named}
        return dict(sorted(found.items()))


@lru_cache(maxsize=4)
def _sources(root: Path) -> Sources:
    return Sources(root)


@cache
def _written(sources: Sources, own: Own) -> tuple[str, frozenset[Own | OwnModule], frozenset[str]]:
    """Return the hash of one definition, what it refers to, and the texts in it."""
    writer = Writer(sources, own.module)
    statements = [
        statement
        for statement in sources.module(own.module).defined[own.name]
        if not _says_where(statement)
    ]
    text = writer.write(statements)
    digest = hashlib.sha256(text.encode()).hexdigest()[:LENGTH] if statements else ""
    return digest, frozenset(writer.used), frozenset(writer.texts)


def _says_where(statement: ast.stmt) -> bool:
    """Return whether a constant only says where a file lies: its content counts, not its folder."""
    return isinstance(statement, ast.Assign | ast.AnnAssign) and any(
        isinstance(node, ast.Name) and node.id == "__file__" for node in ast.walk(statement)
    )


def _entries(sources: Sources, table: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """Return {name: (module, function)} from a table of the library."""
    found = {}
    for module in sources.files:
        if not _is(Own(module, table[1]), table):
            continue
        for node in ast.walk(sources.module(module).tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    function = _function(value)
                    if isinstance(key, ast.Constant) and function is not None:
                        found[str(key.value)] = function
    return found


def _function(value: ast.expr) -> tuple[str, str] | None:
    """Return the ``"module:function"`` in an entry."""
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            module, colon, function = node.value.partition(":")
            if colon and function.isidentifier() and module.replace(".", "").isidentifier():
                return module, function
    return None


def _is(own: Own | OwnModule, named: tuple[str, str]) -> bool:
    """Return whether a definition is the one called like this; the folder may change."""
    module, name = named
    return isinstance(own, Own) and own.name == name and own.module.split(".")[-1] == module


def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()[:LENGTH]
