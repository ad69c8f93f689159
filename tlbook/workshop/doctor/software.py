"""Python, the packages, the notebook kernel, and the browser of the tests."""

import platform
import sys
from importlib import metadata
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL

from tlbook.workshop.bootstrap.requirements import Requirement, normalize, unmet
from tlbook.workshop.chromium import on_path
from tlbook.workshop.doctor.check import Check
from tlbook.workshop.python_version import MINIMUM_PYTHON

_KERNEL_SECONDS = 90


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """The workbook needs Python 3.11 or newer."""
    wanted = ".".join(map(str, MINIMUM_PYTHON))
    return Check(
        "Python",
        version[:2] >= MINIMUM_PYTHON,
        f"{'.'.join(map(str, version))}, {platform.system()} {platform.machine()}",
        f"install Python {wanted} or newer, then 'python3 -m tlbook setup --force'",
    )


def check_installation(own: bool, current: bool) -> Check:
    """``.venv`` is what the project files ask for, or another environment serves."""
    if not own:
        return Check("installation", True, f"not .venv but {Path(sys.prefix).name}")
    detail = ".venv is current" if current else ".venv is older than the project's files"
    return Check("installation", current, detail, "run 'make setup'", required=False)


def check_packages(
    required: list[Requirement], pins: dict[str, Requirement], exact: bool = True
) -> Check:
    """Compare what is installed with the requirements and the pinned versions.

    With ``exact`` (in ``.venv``) another version than the pinned one is a fault; elsewhere (a
    conda environment) only a missing or too old package is.
    """
    faults = unmet(required)
    named = {phrase.split()[0] for phrase in faults}
    other = [
        f"{normalize(d.metadata['Name'])} is {d.version}, pinned {pins[key].version}"
        for d in metadata.distributions()
        if (key := normalize(d.metadata["Name"])) in pins
        and not pins[key].accepts(d.version)
        and d.metadata["Name"] not in named
    ]
    if exact:
        faults += sorted(set(other))
    if faults:
        return Check("packages", False, "; ".join(faults[:6]), "run 'python3 -m tlbook setup'")
    note = f", {len(set(other))} differ from the tested versions" if other else ""
    return Check("packages", True, f"{len(required)} requirements met{note}")


def check_kernel(kernel_name: str = "python3", limit: float = _KERNEL_SECONDS) -> Check:
    """Start the notebooks' kernel and ask it which Python it is."""
    from jupyter_client.kernelspec import NoSuchKernel

    cure = (
        "run 'python3 -m tlbook setup --force'; if it stays so, remove the other kernel of this "
        "name (jupyter kernelspec list, jupyter kernelspec remove)"
    )
    try:
        prefix = _ask_kernel(kernel_name, limit)
    except NoSuchKernel:
        return Check("kernel", False, f"no kernel called {kernel_name}", cure)
    except Exception as error:  # whatever a foreign kernel does, it is the finding
        detail = f"does not start: {type(error).__name__} {error}".strip()
        return Check("kernel", False, detail[:200], cure)
    if Path(prefix).resolve() != Path(sys.prefix).resolve():
        return Check("kernel", False, "belongs to another Python: " + prefix, cure)
    return Check("kernel", True, f"{kernel_name} starts and imports tlbook")


def _ask_kernel(kernel_name: str, limit: float) -> str:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        startup_timeout=limit, kernel_name=kernel_name, stdout=DEVNULL, stderr=DEVNULL
    )
    answers: list[str] = []

    def listen(message: dict) -> None:
        if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
            answers.append(message["content"]["text"])

    try:
        reply = client.execute_interactive(
            "import sys, tlbook; print(sys.prefix)", timeout=limit, output_hook=listen
        )
    except (TimeoutError, Empty):
        raise TimeoutError(f"no answer after {limit:g} seconds") from None
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    content = reply["content"]
    if content["status"] != "ok":
        raise RuntimeError(f"{content.get('ename')}: {content.get('evalue')}")
    return "".join(answers).strip()


def check_chromium(path: str | None = None) -> Check:
    """The browser tests drive the system's Chromium; learning needs any browser."""
    found = path or on_path()
    return Check(
        "Chromium",
        found is not None,
        "there" if found else "not found",
        "only 'make test' needs it: install your system's chromium package",
        required=False,
    )
