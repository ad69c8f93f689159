"""Read ``pyproject.toml`` and ``constraints.txt`` with the standard library only."""

import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

_SPEC = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*"
    r"(?:(?P<operator>>=|==)\s*(?P<version>\d+(?:\.\w+)*(?:\+\w+)?))?\s*"
    r"(?:;\s*(?P<marker>.+?))?\s*$"
)
_HASH = re.compile(r"\s--hash=(sha256:[0-9a-f]{64})\b")
_PYTHON = re.compile(r"python_(?:full_)?version\s*(<|>=)\s*'(\d+(?:\.\d+)*)'")


@dataclass(frozen=True)
class Requirement:
    """One requirement ``name>=version`` or ``name==version``, with a marker and sums or without."""

    name: str
    operator: str = ""
    version: str = ""
    marker: str = ""
    hashes: tuple[str, ...] = ()

    @property
    def fits_this_python(self) -> bool:
        """Say whether the versions of Python that the marker names leave this one in."""
        for sign, version in _PYTHON.findall(self.marker):
            older = sys.version_info[:3] < version_key(version)
            if older != (sign == "<"):
                return False
        return True

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{self.version}"

    def accepts(self, version: str) -> bool:
        """Say whether an installed ``version`` meets this requirement."""
        if not self.operator:
            return True
        # 2.15.0+cpu is the same release as 2.15.0: the part after + names the build.
        found, wanted = version_key(version), version_key(self.version)
        return found == wanted if self.operator == "==" else found >= wanted


def version_key(version: str) -> tuple[int, ...]:
    """Return the numbers of a release, ``"2.15.0+cpu"`` as ``(2, 15)``: good for comparing."""
    numbers = []
    for part in version.split("+")[0].split("."):
        digits = re.match(r"\d+", part)
        if digits is None:
            break
        numbers.append(int(digits.group()))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def normalize(name: str) -> str:
    """Return a distribution's name as package indexes compare it (``POT`` as ``pot``)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse(line: str) -> Requirement:
    """Parse one requirement, with the sums of its files where it has them.

    Raises
    ------
    ValueError
        If the line is not of the form ``name``, ``name>=version`` or ``name==version``.
    """
    hashes = tuple(_HASH.findall(line))
    match = _SPEC.match(_HASH.sub("", line))
    if match is None:
        raise ValueError(f"requirement: got {line!r}, want name, name>=version or name==version")
    fields = {key: value or "" for key, value in match.groupdict().items()}
    return Requirement(
        fields["name"], fields["operator"], fields["version"], fields["marker"], hashes
    )


def read_constraints(path: Path) -> dict[str, Requirement]:
    """Return the pinned versions of ``constraints.txt`` by normalized name.

    Where one package has two versions, for older and newer Pythons, it is the one for this Python.
    """
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    pins: dict[str, Requirement] = {}
    for entry in (parse(line) for line in lines if line.strip() and not line.startswith("#")):
        name = normalize(entry.name)
        if name not in pins or entry.fits_this_python:
            pins[name] = entry
    return pins


def read_project(path: Path, extras: tuple[str, ...] = ()) -> list[Requirement]:
    """Return what ``pyproject.toml`` asks for, with the named extras."""
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    lines = list(project.get("dependencies", ()))
    lines += _of_extras(project, extras)
    return [parse(line) for line in dict.fromkeys(lines)]


def build_requirements(path: Path) -> list[Requirement]:
    """Return what the project is built with."""
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    return [parse(line) for line in settings.get("build-system", {}).get("requires", ())]


def known_extras(path: Path) -> tuple[str, ...]:
    """Return the names of the extras of ``pyproject.toml``."""
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return tuple(project.get("optional-dependencies", {}))


def _of_extras(project: dict[str, Any], extras: Iterable[str]) -> list[str]:
    """Return the lines of the extras; ``"tlbook[a,b]"`` in one stands for the extras a and b."""
    lines: list[str] = []
    for extra in extras:
        for line in project.get("optional-dependencies", {}).get(extra, ()):
            own = re.fullmatch(rf"{re.escape(project['name'])}\[([\w,\s-]+)\]", line)
            names = [] if own is None else [name.strip() for name in own.group(1).split(",")]
            lines += _of_extras(project, names) if own else [line]
    return lines


def installed_version(name: str) -> str | None:
    """Return the version installed for this Python, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def unmet(requirements: list[Requirement]) -> list[str]:
    """Return one phrase for each requirement that this Python does not meet."""
    phrases = []
    for requirement in requirements:
        version = installed_version(requirement.name)
        if version is None:
            phrases.append(f"{requirement.name} is missing")
        elif not requirement.accepts(version):
            phrases.append(f"{requirement.name} is {version}, want {requirement}")
    return phrases
