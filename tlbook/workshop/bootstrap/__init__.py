"""Everything that happens before the packages are installed: standard library only.

``python3 -m tlbook COMMAND`` with a bare Python makes ``.venv`` when it is needed and runs the
command inside it.
"""

import argparse
import difflib
import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tlbook.workshop.bootstrap.clean import clean_command
from tlbook.workshop.bootstrap.install import setup
from tlbook.workshop.bootstrap.packages import check_extras
from tlbook.workshop.bootstrap.project import (
    Project,
    SetupError,
    is_ready,
    runs_inside,
    serves_as_is,
    version_of,
)
from tlbook.workshop.bootstrap.wheels import wheels_command

__all__ = ["Project", "SetupError", "main", "setup"]

HELP = """\
usage: python3 -m tlbook COMMAND [OPTIONS]

The Transfer Learning Workbook. The first command that needs packages sets up .venv.

  lab      open the workbook in JupyterLab (the main job)
  setup    make .venv and install the packages
  doctor   check this machine and the installation
  run      execute chapters without a browser
  test     prove everything: lint, types, tests, chapters
  check    the daily loop: lint, format, types, unit tests
  bench    measure speed against plain versions and other packages
  site     build the course as pages, without a kernel and a network
  clean    delete caches and executed copies
  wheels   make a wheel folder for a classroom without a network

All commands and their options: python3 -m tlbook --help, after python3 -m tlbook setup.
"""

NAMES = (
    *("lab", "setup", "doctor", "run", "claims", "reset", "diagnose", "recipe", "data", "grade"),
    *(
        "class",
        "site",
        "test",
        "check",
        "bench",
        "results",
        "store",
        "table",
        "contract",
        "pretrain",
    ),
    *("clean", "wheels", "animate", "freeze"),
)
"""All commands, for a Python that cannot list them: a wrong word is told before a set-up."""

# What every command needs, what make setup installs, and what a command needs beyond that.
_COURSE = ("course",)
_ALL = ("course", "test")
_EXTRAS = {
    "test": ("test",),
    "check": ("test",),
    "contract": ("test",),
    "bench": ("bench", "test"),
    "site": ("site",),
}


_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
_OF_A_NAME = (
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
    errno.ELOOP,
)
"""Where a file cannot be, as in ``--out /proc/x``; one line only where the error names it."""

Commands = Callable[[list[str]], int]
"""Runs a command line in a Python that has the packages; returns the exit code."""


def main(argv: list[str], commands: Commands | None = None) -> int:
    """Run one command line; return the exit code.

    A problem of the set-up, of the disk, or of a path is one line and not a trace.
    """
    try:
        return dispatch(_clone(), argv, commands)
    except SetupError as error:
        print(f"tlbook: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        named = error.filename is not None and error.errno in _OF_A_NAME
        if not named and error.errno not in _OF_THE_DISK:
            raise
        where = error.filename or "a file"
        print(f"tlbook: {where}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntlbook: stopped; run the same command again to go on", file=sys.stderr)
        return 130


def _clone() -> Project:
    project = Project()
    if not project.pyproject.is_file():
        raise SetupError(
            "this is the library alone: the workbook and its commands need a clone of the project"
        )
    return project


def dispatch(project: Project, argv: list[str], commands: Commands | None = None) -> int:
    """Run the command here if this Python can, else in ``.venv``, which is set up on demand.

    ``commands`` runs all that is no command of set-up.
    """
    command = next((word for word in argv if not word.startswith("-")), "")
    if argv == ["--version"]:
        print(f"tlbook {version_of(project)}")
        return 0
    if command == "setup":
        return setup_command(project, argv[argv.index("setup") + 1 :])
    if command == "clean":
        return clean_command(project, argv[argv.index("clean") + 1 :])
    extras = (*_COURSE, *_EXTRAS.get(command, ()))
    here = runs_inside(project) or serves_as_is(project, extras)
    # What only tells something installs nothing, whatever is missing.
    if command and command not in NAMES and not here:
        near = difflib.get_close_matches(command, NAMES, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise SetupError(f"command: got {command!r}, want one of {', '.join(NAMES)}{meant}")
    asks_help = not command or bool({"-h", "--help"} & set(argv))
    only_tells = asks_help or command == "doctor"
    if only_tells and not here and not is_ready(project, ()):
        if asks_help:
            print(HELP, end="")
            return 0
        raise SetupError(
            "there is no whole and current .venv here: 'make setup' (or python3 -m tlbook setup) "
            "makes one; then doctor examines it"
        )
    if here:
        if not (only_tells or os.environ.get("TLBOOK_SKIP_SETUP")):
            _refresh_here(project, extras)
        if command == "wheels":
            return wheels_command(_project_of_this_python(project), argv[1:])
        if commands is None:
            raise SetupError(f"{command or 'no command'} is not one of setup, clean, wheels")
        return commands(argv)
    if not (only_tells or is_ready(project, extras) or os.environ.get("TLBOOK_SKIP_SETUP")):
        setup(project, tuple(sorted({*extras, *_ALL})), wheels_from_environment())
    if not project.python.exists():
        raise SetupError("there is no .venv here, and TLBOOK_SKIP_SETUP forbids to make one")
    return run_in(project.python, argv)


def _refresh_here(project: Project, extras: tuple[str, ...]) -> None:
    """Inside ``.venv``: install what is missing; say so when the pins have moved on."""
    if not runs_inside(project):
        return
    if not serves_as_is(project, extras):
        print("tlbook: packages are missing here: installing them", file=sys.stderr)
        setup(project, tuple(sorted({*extras, *_ALL})), wheels_from_environment(), repair=True)
    elif project.stamp.exists() and not is_ready(project, ()):
        print("tlbook: the pinned packages have changed; run 'make setup'", file=sys.stderr)


def _project_of_this_python(project: Project) -> Project:
    if not runs_inside(project):
        raise SetupError("wheels are made by the .venv of the clone: run 'make setup' first")
    return project


def wheels_from_environment() -> Path | None:
    """Return the wheel folder named by TLBOOK_WHEELS (make's WHEELS), if any."""
    folder = os.environ.get("TLBOOK_WHEELS")
    return Path(folder) if folder else None


def run_in(python: Path, argv: list[str]) -> int:
    """Run the same command line by another Python; return its exit code."""
    command = [str(python), "-m", "tlbook", *argv]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    # Windows has no exec that keeps the console: stay as the parent.
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the child got it too, and decides


def setup_command(project: Project, argv: list[str]) -> int:
    """Run ``tlbook setup``."""
    parser = argparse.ArgumentParser(
        prog="tlbook setup",
        description="Make .venv and install the packages into it. A second run takes no time.",
    )
    parser.add_argument("--wheels", type=Path, help="install from this wheel folder, no network")
    parser.add_argument("--extras", action="append", default=[], help="also this extra (bench)")
    parser.add_argument("--only", metavar="course,class", help="these extras and no others")
    parser.add_argument("--force", action="store_true", help="make .venv again from nothing")
    options = parser.parse_args(argv)
    if options.force and runs_inside(project):
        raise SetupError(
            "--force deletes this very Python: leave .venv (deactivate) and run "
            "'python3 -m tlbook setup --force'"
        )
    wheels = options.wheels or wheels_from_environment()
    only = options.only.split(",") if options.only else []
    check_extras(project, [*only, *options.extras])
    setup(project, (*(only or _ALL), *options.extras), wheels, options.force)
    print("Ready. Open the workbook with: make lab (or python3 -m tlbook lab)")
    return 0
