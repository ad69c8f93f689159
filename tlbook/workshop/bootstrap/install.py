"""Make ``.venv`` and install into it, with the standard library only."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tlbook.workshop.bootstrap.children import ENDS_WITH_ME
from tlbook.workshop.bootstrap.installers import Installers
from tlbook.workshop.bootstrap.lock import setup_lock
from tlbook.workshop.bootstrap.packages import Packages, check_wheels, mismatch
from tlbook.workshop.bootstrap.project import (
    Project,
    SetupError,
    is_ready,
    made_for,
    runs_inside,
    stamped_extras,
    write_stamp,
)

_GIB = 2**30

# A .venv that lost its pyvenv.cfg runs as the system's Python, and must never be installed into.
_PROBE = """
import os, pip, sys
own = os.path.realpath(sys.prefix) == os.path.realpath(sys.argv[1])
sys.exit(0 if own and sys.version_info >= (3, 11) else 1)
"""
_NO_NETWORK = re.compile(
    r"name resolution|resolve host|dns error|newconnectionerror|network is unreachable"
    r"|connection refused|connection reset|timed out|error sending request|failed to fetch"
    r"|could not connect|proxyerror|max retries|no route to host|connect error",
    re.IGNORECASE,
)
_NO_SPACE = re.compile(r"no space left|disk quota exceeded|not enough space", re.IGNORECASE)
_SHOWN = re.compile(
    r"^\s*(Resolved|Prepared|Installed|Uninstalled|Downloading|Downloaded|Building|Built"
    r"|Collecting|Installing|Successfully)\b"
)


def setup(
    project: Project,
    extras: tuple[str, ...] = ("course", "test"),
    wheels: Path | None = None,
    force: bool = False,
    repair: bool = False,
) -> None:
    """Bring ``.venv`` to the state that ``pyproject.toml`` and ``constraints.txt`` describe.

    Does nothing when the stamp says that it is so already. A half-made ``.venv`` is made again.
    ``force`` makes it again in any case; ``repair`` installs what is missing, whatever the stamp.

    Raises
    ------
    SetupError
        With one line that says what to do.
    """
    if is_ready(project, extras) and not (force or repair):
        return
    if project.venv.is_symlink():
        raise SetupError(
            f".venv is a link to {os.readlink(project.venv)}: set-up would change an environment "
            "that may belong to another clone; delete the link (set-up then makes a .venv), or "
            "use what it leads to as it is with TLBOOK_SKIP_SETUP=1"
        )
    if (maker := made_for(project)) and not force:
        raise SetupError(
            f".venv was made for the clone in {maker}, and its programs still lead there: "
            "'python3 -m tlbook setup --force' makes one of this folder's own; "
            "TLBOOK_SKIP_SETUP=1 uses it as it is"
        )
    with setup_lock(project):
        healthy = not force and _is_healthy(project)
        if not healthy and runs_inside(project):
            raise SetupError(
                "this very Python lies in a .venv that was not finished: run 'make setup' with "
                "another Python (python3 -m tlbook setup), which makes it again"
            )
        extras = tuple(sorted({*extras, *((stamped_extras(project) or ()) if healthy else ())}))
        check_space(project, _needed_gib(project, healthy))
        if not healthy:
            _make_venv(project)
            if not _is_healthy(project):
                raise SetupError("the new .venv does not work: install Python from python.org")
        project.unfinished.touch()
        _install(project, extras, wheels, healthy)
        _verify(project)
        write_stamp(project, extras)


def check_space(project: Project, needed_gib: float) -> None:
    """Raise SetupError when the disk of the clone has less than ``needed_gib`` free."""
    free = shutil.disk_usage(project.root).free / _GIB
    if free < needed_gib:
        raise SetupError(
            f"the disk has {free:.1f} GB free and the installation needs about {needed_gib:.0f} "
            "GB: make room (or set TLBOOK_MIN_FREE_GB if you know that less will do)"
        )


def _needed_gib(project: Project, healthy: bool) -> float:
    override = os.environ.get("TLBOOK_MIN_FREE_GB")
    if override:
        try:
            return float(override)
        except ValueError:
            raise SetupError(
                f"TLBOOK_MIN_FREE_GB: got {override!r}, want a number of gigabytes"
            ) from None
    if healthy and any(project.venv.glob("**/site-packages/torch/__init__.py")):
        return 1.0  # an update: the large packages are there
    # On Linux the standard torch carries its CUDA libraries.
    return 8.0 if platform.system() == "Linux" else 3.0


def _is_healthy(project: Project) -> bool:
    """Say whether ``.venv`` can be installed into; an interrupted or dead one cannot."""
    if project.unfinished.exists() or not project.python.exists():
        return False
    probe = [str(project.python), "-c", _PROBE, str(project.venv)]
    try:
        return subprocess.run(probe, capture_output=True, timeout=120).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _make_venv(project: Project) -> None:
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(_no_venv_message(missing[0]))
    if project.venv.exists() or project.venv.is_symlink():
        print("The .venv folder is incomplete: making it again.", flush=True)
        if project.venv.is_dir():  # if the deletion is interrupted, what is left is not used
            project.unfinished.touch()
            project.stamp.unlink(missing_ok=True)
        _remove(project.venv)
    print(f"Making .venv with Python {platform.python_version()} ...", flush=True)
    command = [sys.executable, "-m", "venv", str(project.venv)]
    made = subprocess.run(command, capture_output=True, text=True, preexec_fn=ENDS_WITH_ME)
    if made.returncode == 0:
        return
    output = made.stdout + made.stderr
    if "ensurepip" in output:
        raise SetupError(_no_venv_message("ensurepip"))
    raise SetupError(diagnose(output) or f"python -m venv failed: {_last_line(output)}")


def _no_venv_message(module: str) -> str:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    return (
        f"this Python has no {module} module: on Debian or Ubuntu run 'sudo apt install {package}',"
        " elsewhere install Python from python.org, then try again"
    )


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise SetupError(
            f"cannot delete {path.name} ({error.strerror}): close the notebooks and terminals that "
            "use it, delete the folder, then try again"
        ) from None


def _install(project: Project, extras: tuple[str, ...], wheels: Path | None, healthy: bool) -> None:
    source: list[str] = []
    if wheels is not None:
        check_wheels(wheels)
        source = ["--no-index", "--find-links", str(wheels.resolve())]
    packages = Packages(project, extras, wheels)
    tools = Installers(project, packages, source, lambda command: run_logged(project, command))
    print("Installing the packages (the first time this downloads a few gigabytes) ...", flush=True)
    status, output = 0, ""
    if not project.uv.exists():
        status, output = tools.bring_uv()
        if status and (message := diagnose(output)):
            _stop(project, output, message, healthy)
    if not project.uv.exists():
        status = status or 1  # no uv for this platform
    if not status:
        status, output = tools.uv()
        if status and (_NO_SPACE.search(output) or mismatch(output)):
            _stop(project, output, diagnose(output) or "", healthy)
    if status:
        # uv is only faster. pip also knows proxies and mirrors from its own settings.
        print("uv did not succeed: trying pip, which is slower ...", flush=True)
        status, output = tools.pip()
    if status:
        fallback = f"the installation failed: {_last_line(output)} (all of it: {_shown_log()})"
        _stop(project, output, diagnose(output) or fallback, healthy)


def _stop(project: Project, output: str, message: str, healthy: bool) -> None:
    # Both installers download everything before they touch .venv, so that a .venv that was
    # whole before a network failure still is.
    early = _NO_NETWORK.search(output) or mismatch(output)
    if healthy and early and not _NO_SPACE.search(output):
        project.unfinished.unlink(missing_ok=True)
    raise SetupError(message)


def run_logged(project: Project, command: Sequence[str]) -> tuple[int, str]:
    """Run a command, show its progress lines, keep everything in the log; return status, output."""
    lines: list[str] = []
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONPATH", None)
    with (
        project.log.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=project.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            preexec_fn=ENDS_WITH_ME,
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            log.write(line)
            if _SHOWN.match(line):
                print("  " + line.rstrip()[:110], flush=True)
        status = process.wait()
    return status, "".join(lines)


def diagnose(output: str) -> str | None:
    """Return one line that says what to do about a known failure, or None."""
    if other := mismatch(output):
        return other
    if _NO_SPACE.search(output):
        return "the disk is full: make room (about 8 GB on Linux), then run the same command again"
    if _NO_NETWORK.search(output):
        return (
            "the package index cannot be reached: check the network (behind a proxy set "
            "HTTPS_PROXY), or install from a wheel folder with --wheels, then try again"
        )
    return None


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(error|ERROR|×)", line)]
    return (errors or lines or ["no output"])[-1][:200]


def _shown_log() -> str:
    return ".venv/" + Project().log.name


def _verify(project: Project) -> None:
    command = [str(project.python), "-c", project.verify]
    checked = subprocess.run(command, capture_output=True, text=True, cwd=project.root)
    if checked.returncode:
        raise SetupError(
            f"the packages are installed but do not work together: {_last_line(checked.stderr)}; "
            "run 'python3 -m tlbook setup --force'"
        )
