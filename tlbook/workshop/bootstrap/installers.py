"""uv, or pip where uv does not do: how each installs, and compares the files with their sums."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tlbook.workshop.bootstrap.packages import Packages, mismatch, pin_line
from tlbook.workshop.bootstrap.project import Project
from tlbook.workshop.bootstrap.requirements import Requirement, normalize

Run = Callable[[list[str]], tuple[int, str]]
"""Runs a command; returns its status and what it said."""


@dataclass
class Installers:
    """The two installers of one ``.venv``; each call returns a status and what was said."""

    project: Project
    packages: Packages
    source: list[str]
    run: Run

    @property
    def _pip(self) -> list[str]:
        pip = [str(self.project.python), "-m", "pip", "--require-virtualenv", "install"]
        pip += ["--disable-pip-version-check", "--no-input", "--retries", "2", "--timeout", "20"]
        return [*pip, *self.source]

    def bring_uv(self) -> tuple[int, str]:
        """Install uv itself, its file compared with its sum if there is one."""
        pin = self.packages.pinned.get("uv", Requirement("uv"))
        sums = self.packages.sums.get("uv", ())
        return self._pip_files([pin_line(pin, sums)], checked=bool(sums))

    def uv(self) -> tuple[int, str]:
        """Install everything with uv.

        Without ``--require-hashes`` uv still compares every file that has a sum. That is for a
        system, or a Python, that needs a package of which no sum is known.
        """
        uv = [str(self.project.uv), "pip", "install", "--python", str(self.project.python)]
        # As pip does; else the first kernel compiles all that it imports.
        uv += [*self.source, "--compile-bytecode"]
        self.packages.write(sums=True)
        files = ["-r", str(self.packages.wanted), "-c", str(self.packages.pins)]
        strict = self.packages.all_have_sums
        status, output = self.run([*uv, *(["--require-hashes"] if strict else []), *files])
        if status and strict and "require-hashes" in output and not mismatch(output):
            print("Not every file has a sum in constraints.txt: those that have are compared.")
            status, output = self.run([*uv, *files])
        return (status, output) if status else self.run([*uv, *self._this_project])

    def pip(self) -> tuple[int, str]:
        """Install everything with pip: look up what is needed, compare, then install that."""
        self.packages.write(sums=False)
        plan = self.project.venv / "tlbook-plan.json"
        files = ["-r", str(self.packages.wanted), "-c", str(self.packages.pins)]
        status, output = self.run([*self._pip, "--dry-run", "--report", str(plan), *files])
        if status:
            return status, output
        checked, unchecked = [], []
        for name, version, found in _planned(plan):
            sums = self.packages.sums.get(name, ())
            pin = Requirement(name, "==", version)
            if sums and self.packages.pinned[name].accepts(version):
                if found and f"sha256:{found}" not in sums:
                    return 1, f"Hash mismatch for `{name}=={version}`"
                checked.append(pin_line(pin, sums))
            else:
                unchecked.append(pin_line(pin))
        for lines in (checked, unchecked):
            status, output = self._pip_files(lines, checked=lines is checked)
            if status:
                return status, output
        return self.run([*self._pip, *self._this_project])

    @property
    def _this_project(self) -> list[str]:
        return ["--no-deps", "--no-build-isolation", "-e", str(self.project.root)]

    def _pip_files(self, lines: list[str], checked: bool) -> tuple[int, str]:
        if not lines:
            return 0, ""
        path = self.project.venv / "tlbook-files.txt"
        path.write_text("".join(lines), encoding="utf-8")
        compare = ["--require-hashes"] if checked else []
        return self.run([*self._pip, "--no-deps", *compare, "-r", str(path)])


def _planned(plan: Path) -> list[tuple[str, str, str]]:
    """Return name, version and SHA-256 (where pip knows it already) of what pip would install."""
    entries = json.loads(plan.read_text(encoding="utf-8"))["install"]
    return [
        (
            normalize(entry["metadata"]["name"]),
            entry["metadata"]["version"],
            entry["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256", ""),
        )
        for entry in entries
    ]
