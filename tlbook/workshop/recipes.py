"""Recipes: whole programs that stand in the chapters, taken out as scripts and run on own data.

A recipe is the cells of one notebook with the tags ``recipe`` and its name. The first one, also
tagged ``options``, holds upper-case assignments of literals; a script has the same lines with
other values there.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlbook.course import chapters

TAG, OPTIONS = "recipe", "options"
ONE_CARD = "one-card"
"""Tag of the cells that train on one card: the sharded form of a recipe has others there."""
SHARDED = Path(__file__).parent / "templates" / "recipes"
ALONE = """# One process: several would each make the whole run, in the same folder.
import os

if (several := os.environ.get("WORLD_SIZE", "1")) != "1":
    more = "tlbook recipe bert --sharded N has several"
    raise SystemExit(f"processes: got {several}, want one; {more}")"""
"""What a script begins with, unless it is the sharded form."""
PATHS = ("DATA", "TARGET", "OUT")
"""Options that are files or folders: made absolute, so that the script runs from anywhere."""


@dataclass
class Recipe:
    """The cells of one recipe, in order."""

    name: str
    notebook: Path
    cells: list[str] = field(default_factory=list)
    options: str | None = None
    one_card: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The first comment of the recipe: what it does, in one line."""
        lines = [line for cell in self.cells for line in cell.splitlines()]
        comment = next((line for line in lines if line.startswith("#")), "")
        return comment.strip("# ").strip()

    def values(self) -> dict[str, ast.expr]:
        """Return the expression of each option.

        Raises
        ------
        ValueError
            If no cell is tagged ``options``, or it has anything but assignments of literals.
        """
        if self.options is None:
            raise ValueError(
                f"recipe {self.name}: got no cell tagged {OPTIONS!r} in {self.notebook.name}, want "
                "its first cell to be one"
            )
        found = {}
        for node in ast.parse(self.options).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            value = node.value if isinstance(node, ast.Assign) else None
            if not isinstance(target, ast.Name) or value is None or not _is_literal(value):
                raise ValueError(
                    f"recipe {self.name}: got {ast.unparse(node)!r} among its options, want NAME = "
                    "a literal"
                )
            found[target.id] = value
        return found


def recipes(folder: Path | None = None) -> dict[str, Recipe]:
    """Return all recipes of the notebooks in a folder (those of the course by default), by name.

    Raises
    ------
    ValueError
        If a cell is tagged ``recipe`` without one name, or two notebooks have one of the same name.
    """
    found: dict[str, Recipe] = {}
    for path in sorted((folder or chapters.root() / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            tags = cell.get("metadata", {}).get("tags", [])
            if TAG not in tags:
                continue
            names = [tag for tag in tags if tag.isidentifier() and tag not in (TAG, OPTIONS)]
            if len(names) != 1:
                raise ValueError(
                    f"{path.name}: got a recipe's cell with the tags {tags}, want one name"
                )
            recipe = found.setdefault(names[0], Recipe(names[0], path))
            if recipe.notebook != path:
                raise ValueError(
                    f"recipe {recipe.name}: got it in {recipe.notebook.name} and {path.name}"
                )
            source = "".join(cell["source"]).rstrip()
            recipe.cells.append(source)
            if OPTIONS in tags:
                recipe.options = source
            if ONE_CARD in tags:
                recipe.one_card.append(source)
    return found


def find(name: str, folder: Path | None = None) -> Recipe:
    """Return a recipe by its name.

    Raises
    ------
    ValueError
        If there is none of this name; the message lists what there is.
    """
    found = recipes(folder)
    if name not in found:
        known = ", ".join(found) or "none in these notebooks"
        raise ValueError(f"name: got {name!r}, want a recipe: {known}")
    return found[name]


def script(name: str, folder: Path | None = None, sharded: bool = False, **options: Any) -> str:
    """Return a recipe as one program, with other values for some of its options.

    Parameters
    ----------
    name : str
        Name of the recipe.
    folder : Path, optional
        Where the notebooks are; those of the course by default.
    sharded : bool
        Train in several processes, of which none holds the whole network.
    **options
        ``data="photos"`` or ``DATA="photos"``; what is left out, or None, stays as it stands in the
        notebook.

    Raises
    ------
    ValueError
        If there is no such recipe, it has no cell of options or no such option, or a value is of
        another kind than the one in the notebook.
    """
    recipe = find(name, folder)
    known = recipe.values()
    given = {key.upper(): value for key, value in options.items() if value is not None}
    changes = []
    for key, value in given.items():
        if key not in known:
            raise ValueError(
                f"{key}: the recipe {name} has no such option, want one of {', '.join(known)}"
            )
        if key in PATHS:
            value = str(Path(value).expanduser().absolute())
        changes.append((known[key], _fitting(key, value, ast.literal_eval(known[key]))))
    cells = list(recipe.cells)
    assert recipe.options is not None
    cells[cells.index(recipe.options)] = _with_values(recipe.options, changes)
    cells = _sharded(recipe, cells) if sharded else [ALONE, *cells]
    title = f'"""The recipe {name} from notebooks/{recipe.notebook.name}, as a script."""'
    return "\n\n".join([title, *cells]) + "\n"


def _sharded(recipe: Recipe, cells: list[str]) -> list[str]:
    """Return the cells with those for one card replaced, and what has to come before all."""
    path = SHARDED / f"{recipe.name}_sharded.txt"
    if not path.is_file():
        known = ", ".join(p.stem.removesuffix("_sharded") for p in sorted(SHARDED.glob("*.txt")))
        raise ValueError(f"sharded: got the recipe {recipe.name}, which has no such form: {known}")
    first, *training = (part.strip() for part in path.read_text("utf-8").split("\n# %%\n"))
    start = cells.index(recipe.one_card[0])
    rest = cells[start + len(recipe.one_card) :]
    return [cells[0], first, *cells[1:start], *training, *rest]


def write(
    name: str, out: str | Path, folder: Path | None = None, sharded: bool = False, **options: Any
) -> Path:
    """Write a recipe's script to ``out/NAME.py`` and return its path.

    Raises
    ------
    ValueError
        As :func:`script`; and if another script of that name is there: it belongs to a run with
        other options, or was changed by hand.
    """
    place = Path(out).expanduser().absolute()
    path = place / f"{name}{'_sharded' * sharded}.py"
    text = script(name, folder, sharded, out=place, **options)
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        raise ValueError(
            f"out: {path} is there and differs (a run with other options, or your own changes); "
            f"python {path} runs it as it is, another --out begins anew"
        )
    place.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(
    name: str,
    out: str | Path,
    folder: Path | None = None,
    processes: int | None = None,
    **options: Any,
) -> int:
    """Write a recipe's script into ``out``, run it, and return its exit status.

    With a number of ``processes``, its sharded form. The process inherits the working folder, the
    terminal and Ctrl-C.

    Raises
    ------
    ValueError
        As :func:`write`; and if the files of the data are not there.
    """
    for key, value in options.items():
        if key.upper() in PATHS and value is not None and not Path(value).expanduser().exists():
            raise ValueError(
                f"{key.upper()}: got {str(value)!r}, want a file or a folder that is there"
            )
    path = write(name, out, folder, processes is not None, **options)
    with subprocess.Popen(command(path, processes), env=environment()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # it reaches the program, too; a launcher ends its processes
            try:
                process.wait(timeout=40)
            finally:
                process.kill()
            raise


def command(path: Path, processes: int | None = None) -> list[str]:
    """Return the command that runs a script by this Python; its lines show as they are printed.

    With a number of ``processes`` it is that of torchrun on this machine.
    """
    if processes is None:
        return [sys.executable, "-u", str(path)]
    runner = [sys.executable, "-u", "-m", "tlbook.workshop.torchrun", "--standalone"]
    runner += ["--local-addr", "127.0.0.1", "--nproc-per-node", str(processes)]
    return [*runner, str(path)]


def environment() -> dict[str, str]:
    """Return the environment of a recipe: it finds this ``tlbook``, and needs no screen."""
    old = os.environ.get("PYTHONPATH")
    paths = [str(chapters.root()), *([old] if old else [])]
    plain = {"MPLBACKEND": "agg", "KERAS_BACKEND": "torch"}
    inherited = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    return {**plain, **inherited, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


def literal(text: str) -> Any:
    """Return what is written on the command line as a Python literal, or as the word it is."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _fitting(key: str, value: Any, default: Any) -> Any:
    """Return a value of the kind that stands in the notebook."""
    if isinstance(default, str) and not isinstance(value, str):
        return str(value)
    numbers = (int, float)
    same = type(value) is type(default) or (type(value) in numbers and isinstance(default, float))
    if default is not None and not same:
        raise ValueError(f"{key}: got {value!r}, want a value like {default!r}")
    return value


def _with_values(source: str, changes: list[tuple[ast.expr, Any]]) -> str:
    """Return the source with other literals at these places, every other byte as it was."""
    # The columns of a syntax tree count bytes.
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    starts = [sum(map(len, lines[:row])) for row in range(len(lines))]
    data = b"".join(lines)
    for node, value in sorted(changes, key=lambda change: -change[0].lineno):
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        data = data[:start] + repr(value).encode() + data[end:]
    return data.decode()
