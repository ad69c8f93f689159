"""The learner's copy in ``workbook/`` and JupyterLab on it.

The copy is never overwritten: ``reset`` makes a fresh one and keeps the old one beside it.
"""

import hashlib
import json
import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tlbook.workshop.whole import write_text

ORIGINS = ".origin.json"
# Of every server for a learner, be it this machine's own or one of a hub's.
IN_CLASS = (
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ContentsManager.pre_save_hook=tlbook.workshop.saved.before_saving",
)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def student_copy(shipped: Path, target: Path) -> None:
    """Write the learner's version of a chapter: all of it, outputs too, but the teacher's notes."""
    import nbformat

    notebook = nbformat.read(shipped, as_version=4)
    notebook.cells = [
        cell for cell in notebook.cells if "teacher" not in cell.metadata.get("tags", [])
    ]
    # As the kernel will say it: JupyterLab calls a chapter changed that says something else.
    notebook.metadata.setdefault("language_info", {})["version"] = platform.python_version()
    partial = target.with_suffix(f".{os.getpid()}.partial")  # two labs may start at once
    nbformat.write(notebook, partial)
    partial.replace(target)
    _trust(notebook)


def _write(path: Path, content: object) -> None:
    """Write JSON in one step: another lab may read it."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def _trust(notebook: Any) -> None:
    # JupyterLab shows the HTML outputs of signed notebooks only. Signing is a comfort: a
    # read-only home must not keep anyone from the course.
    from nbformat.sign import NotebookNotary

    try:
        NotebookNotary().sign(notebook)
    except Exception as error:
        print(f"note: the copy is not marked as trusted ({type(error).__name__})", file=sys.stderr)


class Workbook:
    """The folder with the learner's copies, and the record of what each was copied from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def record(self) -> Path:
        return self.folder / ORIGINS

    def origins(self) -> dict[str, dict[str, str]]:
        """Return, by file name, the hash of the shipped chapter each copy was made from."""
        try:
            content = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _remember(self, shipped: Path) -> None:
        from filelock import FileLock

        made = datetime.now().astimezone().isoformat(timespec="seconds")
        with FileLock(self.folder / ".origin.lock"):
            origins = self.origins()
            origins[shipped.name] = {"sha256": sha256(shipped), "copied": made}
            _write(self.record, origins)

    def fill(self, chapters: Iterable[Path]) -> tuple[list[str], list[str]]:
        """Copy the chapters that are not there yet.

        Returns
        -------
        (copied, outdated)
            File names: copied now; and present, but copied from an older shipped version.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        copied, outdated = [], []
        for shipped in chapters:
            target = self.folder / shipped.name
            if not target.exists():
                self._remember(shipped)  # first: a copy that nobody remembers would seem old
                student_copy(shipped, target)
                copied.append(shipped.name)
            elif self.origins().get(shipped.name, {}).get("sha256") != sha256(shipped):
                outdated.append(shipped.name)
        return copied, outdated

    def _sweep(self) -> None:
        """Remove what a killed lab left half written."""
        import psutil

        for rest in self.folder.rglob("*.partial"):
            writer = rest.name.split(".")[-2]
            if writer.isdigit() and not psutil.pid_exists(int(writer)):
                rest.unlink(missing_ok=True)

    def reset(self, shipped: Path) -> Path | None:
        """Put a fresh copy in place; return where the old one is kept, if there was one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / shipped.name
        kept = None
        if target.exists():
            kept = _free_name(target)
            shutil.copy2(target, kept)
        student_copy(shipped, target)
        self._remember(shipped)
        return kept


def _free_name(target: Path) -> Path:
    stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S")
    kept = target.with_name(f"{target.stem}.{stamp}{target.suffix}")
    number = 2
    while kept.exists():
        kept = target.with_name(f"{target.stem}.{stamp}_{number}{target.suffix}")
        number += 1
    return kept


def _place(ip: str) -> str:
    """Return the address as sockets want it; all addresses are the empty text."""
    return "" if ip in ("*", "0.0.0.0") else ip


def port_is_free(ip: str, port: int) -> bool:
    """Say whether a server could listen on this port."""
    with socket.socket() as probe:
        if os.name != "nt":  # as the server itself does: a port in TIME_WAIT is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_place(ip), port))
        except OSError:
            return False
    return True


def check_address(ip: str) -> None:
    """Refuse an address that this machine cannot listen on; warn where others can reach it.

    Raises
    ------
    ValueError
        In one line that names the address.
    """
    name = _place(ip)
    try:
        places = socket.getaddrinfo(name or None, 0, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = places[0]
        if name:
            with socket.socket(family, kind, protocol) as probe:
                probe.bind(place)
    except (OSError, UnicodeError):
        raise ValueError(
            f"ip: got {ip!r}, want an address of this machine, such as 127.0.0.1 or localhost"
        ) from None
    if not name or not str(place[0]).startswith(("127.", "::1")):
        print(
            "note: other machines can reach this server, over plain HTTP. Whoever has the address "
            "with its token works as you: in these files, and in a terminal. For a class take "
            "JupyterHub, with an account for each."
        )


def lab_arguments(
    workbook: Path, file: str, port: int | None, ip: str, browser: bool, extra: list[str]
) -> list[str]:
    """Return the arguments of JupyterLab for one chapter of the workbook."""
    arguments = [
        f"--ServerApp.root_dir={workbook}",
        f"--LabApp.default_url=/lab/tree/{file}",
        f"--ServerApp.ip={ip}",
        "--ServerApp.log_level=WARN",
        *IN_CLASS,
    ]
    if port is not None:
        arguments += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--allow-root")  # containers: Colab-like machines, Docker
    return [*arguments, *extra]


def quiet_configuration(workbook: Path) -> None:
    """Switch off, for this workbook only, what a learner does not need.

    JupyterLab asks whether to fetch news; jupytext (there for authors) puts itself between
    the editor and the file.
    """
    config = workbook / ".jupyter"
    off = {"@jupyterlab/apputils-extension:announcements": True, "jupyterlab-jupytext": True}
    pages = {
        "labconfig/page_config.json": {"disabledExtensions": off},
        "jupyter_server_config.json": {
            "ServerApp": {"jpserver_extensions": {"jupyterlab_jupytext": False}}
        },
    }
    for name, content in pages.items():
        path = config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)
    earlier = os.environ.get("JUPYTER_CONFIG_PATH")
    paths = [str(config), *([earlier] if earlier else [])]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(paths)


def prepare(workbook: Workbook, chapters: Iterable[Path]) -> None:
    """Fill the learner's folder and say in plain words what happened."""
    copied, outdated = workbook.fill(chapters)
    if copied:
        print(f"Copied {len(copied)} chapter(s) into {workbook.folder.name}/. Edit them freely.")
    for name in outdated:
        number = name.split("_")[0]
        print(
            f"{name} has a newer version than your copy. Your copy stays as it is; "
            f"'python3 -m tlbook reset {number}' gives you the new one and keeps yours."
        )


def check_place(ip: str, port: int | None) -> None:
    """Refuse an address that is none of this machine, and a port that is taken.

    Raises
    ------
    ValueError
        Which it is.
    """
    check_address(ip)
    if port is not None and not port_is_free(ip, port):
        raise ValueError(f"port: {port} is in use; leave --port out and a free one is taken")


def launch(
    workbook: Path,
    file: str,
    port: int | None = None,
    ip: str = "localhost",
    browser: bool = True,
    extra: list[str] | None = None,
) -> None:
    """Open JupyterLab on one chapter; returns when the server stops.

    Raises
    ------
    ValueError
        If the address is none of this machine, or a port was asked for and is taken.
    """
    check_place(ip, port)
    quiet_configuration(workbook)
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    from jupyterlab.labapp import LabApp

    print("JupyterLab starts. Save your work in the browser; stop the server here with Ctrl-C.")
    LabApp.launch_instance(lab_arguments(workbook, file, port, ip, browser, extra or []))
