"""The reference of the public names: one page a package, docstrings with their tested examples."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

from tlbook._base.public import PUBLIC


def write(folder: Path) -> None:
    """Write one page for each package, and the page that lists them."""
    folder.mkdir(parents=True, exist_ok=True)
    for package, names in PUBLIC.items():
        (folder / f"{package}.rst").write_text(package_page(package, names), encoding="utf-8")
    (folder / "index.md").write_text(index_page(), encoding="utf-8")


def index_page() -> str:
    """Return the list of packages, each with its first line and its names."""
    lines = ["# Reference", "", "The names to learn first, package by package. Every example", ""]
    lines[2] += " is run as a test. The packages have more: see their `__all__`."
    for package, names in PUBLIC.items():
        about = summary(import_module(f"tlbook.{package}"))
        lines += [f"## [tlbook.{package}]({package}.rst)", "", about, ""]
        lines += [", ".join(f"`{name}`" for name in names), ""]
    lines += ["```{toctree}", ":hidden:", "", *PUBLIC, "```", ""]
    return "\n".join(lines)


def package_page(package: str, names: tuple[str, ...]) -> str:
    """Return the page of a package: its first line, then each name."""
    module = import_module(f"tlbook.{package}")
    title = f"tlbook.{package}"
    parts = [title, "=" * len(title), "", summary(module), ""]
    for name in names:
        thing = getattr(module, name)
        parts += [name, "-" * len(name), ""]
        if inspect.isclass(thing):
            parts += [f".. autoclass:: tlbook.{package}.{name}", "   :members:", ""]
        elif callable(thing):
            parts += [f".. autofunction:: tlbook.{package}.{name}", ""]
        else:
            parts += [f".. autodata:: tlbook.{package}.{name}", ""]
    return "\n".join(parts)


def summary(module: object) -> str:
    """Return the first paragraph of a module's docstring."""
    text = inspect.getdoc(module) or ""
    return " ".join(text.split("\n\n")[0].split())
