"""Which files the installers get: the wanted packages, their pins, and the sums of their files."""

import hashlib
import os
import re
from pathlib import Path

from tlbook.workshop.bootstrap.project import Project, SetupError
from tlbook.workshop.bootstrap.requirements import (
    Requirement,
    build_requirements,
    known_extras,
    normalize,
    read_constraints,
    read_project,
)

SUMS = "SHA256SUMS"

_MISMATCH = (
    re.compile(r"Hash mismatch for `([\w.-]+)=="),  # uv
    re.compile(
        r"DO NOT MATCH THE HASHES.*?^\s+([\w.-]+)(?:==\S+)? (?:from|\()", re.S | re.M
    ),  # pip
)


class Packages:
    """What a set-up installs, written down for the installers in ``.venv``.

    ``wanted`` names the packages of the extras in their pinned versions; ``pins`` has every pin,
    with the sums of its files where they are to be compared.
    """

    def __init__(self, project: Project, extras: tuple[str, ...], wheels: Path | None) -> None:
        self.pinned = read_constraints(project.constraints)
        # Wheels of a folder may have been built on another machine: their sums are the folder's.
        unchecked = set(self.pinned) if wheels else any_build()
        self.sums = {
            name: pin.hashes
            for name, pin in self.pinned.items()
            if pin.hashes and name not in unchecked
        }
        asked = [*read_project(project.pyproject, extras), *build_requirements(project.pyproject)]
        self.asked = {normalize(each.name): self._pin(each) for each in asked}
        self.wanted = project.venv / "tlbook-wanted.txt"
        self.pins = project.venv / "tlbook-pins.txt"

    def _pin(self, wanted: Requirement) -> Requirement:
        pin = self.pinned.get(normalize(wanted.name))
        return Requirement(wanted.name, "==", pin.version) if pin else wanted

    @property
    def all_have_sums(self) -> bool:
        """Whether the file of every wanted package can be compared."""
        return set(self.asked) <= set(self.sums)

    def write(self, sums: bool) -> None:
        """Write both files, the pins with or without sums."""
        self.wanted.write_text("".join(f"{each}\n" for each in self.asked.values()), "utf-8")
        lines = (
            pin_line(pin, self.sums.get(name, ()) if sums else ())
            for name, pin in sorted(self.pinned.items())
        )
        self.pins.write_text("".join(lines), encoding="utf-8")


def check_extras(project: Project, extras: list[str]) -> None:
    """Refuse an extra that ``pyproject.toml`` does not have.

    Raises
    ------
    SetupError
        With the names of those that it has.
    """
    known = known_extras(project.pyproject)
    for extra in extras:
        if extra not in known:
            raise SetupError(f"--extras: got {extra!r}, want one of {', '.join(known)}")


def pin_line(pin: Requirement, hashes: tuple[str, ...] = ()) -> str:
    """Return a pin as both installers read it, one sum a line."""
    marker = f" ; {pin.marker}" if pin.marker else ""
    return " \\\n    ".join([f"{pin}{marker}", *(f"--hash={each}" for each in hashes)]) + "\n"


def any_build() -> set[str]:
    """Return the packages whose files are not compared: another build was chosen on purpose."""
    return {
        normalize(name) for name in re.findall(r"[\w.-]+", os.environ.get("TLBOOK_ANY_BUILD", ""))
    }


def mismatch(output: str) -> str | None:
    """Return one line about a file that has another sum than it should, or None."""
    found = next((match for pattern in _MISMATCH if (match := pattern.search(output))), None)
    if found is None:
        return None
    name = found[1]
    return (
        f"{name}: the index gave another file than the one whose sum stands in constraints.txt, "
        "and it was not installed: check which index is set; if you chose another build yourself "
        f"(CPU, CUDA), set TLBOOK_ANY_BUILD={name} and try again"
    )


def file_sum(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(folder: Path) -> None:
    """Write ``SHA256SUMS`` of the wheels in a folder, as ``sha256sum`` reads it."""
    lines = [f"{file_sum(path)}  {path.name}\n" for path in sorted(folder.glob("*.whl"))]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def check_wheels(folder: Path) -> None:
    """Compare a wheel folder with its ``SHA256SUMS``.

    Raises
    ------
    SetupError
        If there are no wheels, one is damaged or missing, or one has no sum; it is named.
    """
    wheels = {path.name: path for path in folder.glob("*.whl")} if folder.is_dir() else {}
    if not wheels:
        raise SetupError(
            f"the wheel folder {folder} has no wheels: make it with "
            "'python3 -m tlbook wheels FOLDER' on a machine with a network"
        )
    if not (folder / SUMS).is_file():
        print(f"note: {folder.name} has no {SUMS}, so its wheels are compared with nothing")
        return
    text = (folder / SUMS).read_text(encoding="utf-8", errors="replace")
    sums = {name: found for found, name in re.findall(r"^([0-9a-f]{64})  (.+)$", text, re.M)}
    for name in sorted({*sums, *wheels}):
        wrong = "is missing" if name not in wheels else ""
        wrong = wrong or (f"has no sum in {SUMS}" if name not in sums else "")
        if wrong or file_sum(wheels[name]) != sums[name]:
            raise SetupError(
                f"the wheel folder {folder}: {name} {wrong or 'is damaged (another sum)'}; "
                "copy the folder again"
            )
