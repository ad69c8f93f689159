"""Where things are: the clone, its ``.venv``, and the stamp that says the ``.venv`` is whole."""

import hashlib
import json
import os
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tlbook.workshop.bootstrap.requirements import read_project, unmet

ROOT = Path(__file__).resolve().parents[3]

# Imports the pair and calls one compiled operator: a mismatched pair fails here.
VERIFY = (
    "import ipykernel, torch, torchvision; "
    "torchvision.ops.nms(torch.tensor([[0.0, 0, 1, 1]]), torch.ones(1), 0.5)"
)


class SetupError(Exception):
    """A set-up that cannot go on; the message is one line and says what to do."""


@dataclass(frozen=True)
class Project:
    """A clone of the workbook and the paths that set-up works on."""

    root: Path = ROOT
    verify: str = VERIFY

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        return self.venv / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def uv(self) -> Path:
        return self.scripts / ("uv.exe" if os.name == "nt" else "uv")

    @property
    def pyproject(self) -> Path:
        return self.root / "pyproject.toml"

    @property
    def constraints(self) -> Path:
        return self.root / "constraints.txt"

    @property
    def stamp(self) -> Path:
        return self.venv / "tlbook-stamp.json"

    @property
    def unfinished(self) -> Path:
        """A file that exists from the first to the last step of an installation."""
        return self.venv / "tlbook-unfinished"

    @property
    def log(self) -> Path:
        return self.venv / "tlbook-setup.log"


def _venv_record(project: Project) -> dict[str, str]:
    """Return what ``.venv`` says about itself in pyvenv.cfg."""
    try:
        lines = (project.venv / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    fields = (line.split("=", 1) for line in lines if "=" in line)
    return {key.strip(): value.strip() for key, value in fields}


def venv_version(project: Project) -> str:
    """Return the Python version that ``.venv`` was made with, from its own record."""
    record = _venv_record(project)
    return next((value for key, value in record.items() if key.startswith("version")), "")


def made_for(project: Project) -> Path | None:
    """Return the other folder that ``.venv`` was made in, if it was copied or moved from there."""
    made = re.search(r" -m venv (?:--\S+ )*(.+)", _venv_record(project).get("command", ""))
    place = Path(made[1]) if made else project.venv
    if place.name != ".venv" or place.resolve() == project.venv.resolve():
        return None
    return place.parent


def version_of(project: Project) -> str:
    """Return the version of the clone, read without importing anything from it."""
    text = (project.root / "tlbook" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return found.group(1) if found else "unknown"


def fingerprint(project: Project) -> str:
    """Hash everything that decides what has to be installed."""
    settings = tomllib.loads(project.pyproject.read_text(encoding="utf-8"))
    parts = {
        "project": settings.get("project"),
        "build": settings.get("build-system"),
        "constraints": project.constraints.read_text(encoding="utf-8"),
        "python": venv_version(project),
        "root": str(project.root),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def stamped_extras(project: Project) -> tuple[str, ...] | None:
    """Return the extras a whole and current ``.venv`` holds, or None if it is not so."""
    try:
        stamp = json.loads(project.stamp.read_text(encoding="utf-8"))
        current = stamp["fingerprint"] == fingerprint(project) and project.python.exists()
        return tuple(stamp["extras"]) if current and not project.unfinished.exists() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_ready(project: Project, extras: tuple[str, ...]) -> bool:
    """Say whether ``.venv`` is whole, current and holds ``extras``."""
    have = stamped_extras(project)
    return have is not None and set(extras) <= set(have)


def write_stamp(project: Project, extras: tuple[str, ...]) -> None:
    """Record that ``.venv`` is whole; the last step of a set-up."""
    content = {"fingerprint": fingerprint(project), "extras": sorted(extras)}
    partial = project.stamp.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.replace(project.stamp)
    project.unfinished.unlink(missing_ok=True)


def runs_inside(project: Project) -> bool:
    """Say whether this very Python is the one in ``.venv``."""
    return Path(sys.prefix).resolve() == project.venv.resolve()


def serves_as_is(project: Project, extras: tuple[str, ...]) -> bool:
    """Say whether this environment already has every package (conda, Binder, one's own).

    The system's Python never counts: it belongs to the system, whatever is installed there.
    """
    conda = (Path(sys.prefix) / "conda-meta").is_dir()
    isolated = conda or sys.prefix != sys.base_prefix
    return isolated and not unmet(read_project(project.pyproject, extras))
