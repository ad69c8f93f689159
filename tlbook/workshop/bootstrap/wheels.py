"""A folder of wheels made once, for a classroom without a network."""

import argparse
import subprocess
from pathlib import Path

from tlbook.workshop.bootstrap.install import check_space, diagnose, run_logged
from tlbook.workshop.bootstrap.packages import Packages, check_extras, file_sum, write_sums
from tlbook.workshop.bootstrap.project import Project, SetupError

_README = """\
Wheels for the Transfer Learning Workbook, made for the system and the Python version of the
machine that made them ({python}). On a machine of the same kind, in a clone of the workbook:

    make setup WHEELS=<this folder>
or
    python3 -m tlbook setup --wheels <this folder>

installs everything without a network. It first compares every wheel with SHA256SUMS.
"""


def make_wheels(
    project: Project, folder: Path, extras: tuple[str, ...] = ("course", "test")
) -> int:
    """Fill ``folder`` with every wheel that set-up needs; return how many lie there.

    Raises
    ------
    SetupError
        If the wheels cannot be had, or do not resolve without the network afterwards.
    """
    folder.mkdir(parents=True, exist_ok=True)
    check_space(Project(folder), 4.0)
    packages = Packages(project, extras, wheels=folder)
    packages.write(sums=False)
    # The installers themselves, and what builds the editable install of this package.
    wanted = ["-r", str(packages.wanted), "-c", str(packages.pins)]
    wanted += ["pip", "uv", "setuptools>=77", "wheel"]
    pip = [str(project.python), "-m", "pip", "wheel", "--disable-pip-version-check"]
    pip += ["--prefer-binary", "--wheel-dir", str(folder)]
    print(f"Collecting the wheels for {len(packages.asked)} requirements ...", flush=True)
    status, output = run_logged(project, [*pip, *wanted])
    if status:
        raise SetupError(
            diagnose(output) or f"pip could not make the wheels; see .venv/{project.log.name}"
        )
    _prove(project, folder, wanted)
    version = subprocess.run(
        [str(project.python), "--version"], capture_output=True, text=True
    ).stdout.strip()
    (folder / "README.txt").write_text(_README.format(python=version), encoding="utf-8")
    write_sums(folder)
    _tell_others(packages, folder)
    return len(list(folder.glob("*.whl")))


def _tell_others(packages: Packages, folder: Path) -> None:
    """Name the wheels that are not the published ones: built here, or of another index."""
    known = {each for pin in packages.pinned.values() for each in pin.hashes}
    wheels = sorted(folder.glob("*.whl"))
    others = [path.name for path in wheels if f"sha256:{file_sum(path)}" not in known]
    if known and others:
        print("Built here, or from another index than the pins: " + ", ".join(others))


def _prove(project: Project, folder: Path, wanted: list[str]) -> None:
    """Resolve everything from the folder alone, so that a gap shows here and not in class."""
    pip = [str(project.python), "-m", "pip", "install", "--disable-pip-version-check"]
    pip += ["--dry-run", "--ignore-installed", "--no-index", "--find-links", str(folder)]
    status, output = run_logged(project, [*pip, *wanted])
    if status:
        lines = [line for line in output.splitlines() if line.startswith("ERROR")]
        raise SetupError(f"the wheel folder is not complete: {(lines or ['unknown'])[-1][:160]}")


def wheels_command(project: Project, argv: list[str]) -> int:
    """Run ``tlbook wheels FOLDER``."""
    parser = argparse.ArgumentParser(
        prog="tlbook wheels", description="Make a wheel folder for machines without a network."
    )
    parser.add_argument("folder", type=Path, help="where the wheels go")
    parser.add_argument("--extras", action="append", default=[], help="also this extra (bench)")
    options = parser.parse_args(argv)
    check_extras(project, options.extras)
    count = make_wheels(project, options.folder, ("course", "test", *options.extras))
    print(f"{count} wheels in {options.folder}")
    print(f"Install from them with: make setup WHEELS={options.folder}")
    return 0
