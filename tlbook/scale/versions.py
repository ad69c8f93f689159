"""What code a process runs: a short text for each package, compared between machines."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

ALWAYS = ("tlbook", "numpy", "scipy", "sklearn", "torch")
"""Whatever a job does, these decide its numbers."""
INSTALLED = ("site-packages", "dist-packages")


def code_of(packages: Iterable[str] = ()) -> dict[str, str]:
    """Return the version of each package: of our own code a digest, of installed ones the number.

    Parameters
    ----------
    packages : names of top-level modules
        In addition to ``ALWAYS``; those of the standard library are left out.
    """
    names = {*ALWAYS, *packages} - set(sys.stdlib_module_names) - {"__main__", "__mp_main__"}
    return {name: version_of(name) for name in sorted(names)}


def differences(wanted: dict[str, str], here: dict[str, str]) -> str:
    """Return in words where the two differ; empty where they do not."""
    return ", ".join(
        f"{name} is {here.get(name, 'missing')}, want {version}"
        for name, version in wanted.items()
        if here.get(name) != version
    )


@cache
def version_of(name: str) -> str:
    """Return a version number, or twelve hexadecimal digits of the sources; "missing"."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return "missing"
    places = [Path(p) for p in spec.submodule_search_locations or ()]
    files = sorted(file for place in places for file in place.rglob("*.py"))
    if not places and spec.origin and Path(spec.origin).is_file():
        files = [Path(spec.origin)]
    if not files or (name != "tlbook" and any(part in files[0].parts for part in INSTALLED)):
        return _number(name)
    digest = hashlib.sha256()
    for file in files:
        inside = next((file.relative_to(p) for p in places if file.is_relative_to(p)), file.name)
        digest.update(str(inside).encode() + b"\0" + b"\n".join(file.read_bytes().splitlines()))
    return digest.hexdigest()[:12]


def _number(name: str) -> str:
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version({"sklearn": "scikit-learn"}.get(name, name))
    return str(getattr(importlib.import_module(name), "__version__", "installed"))
