"""A widget as an app for the projector or a phone: Voilà serves one experiment and nothing else."""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from tlbook.course import widgets


def write_app(name: str, folder: Path) -> Path:
    """Write the notebook that shows one experiment, and return its path.

    Raises
    ------
    ValueError
        If there is no experiment of this name.
    """
    title = widgets.get(name).title
    nb = nbformat.v4.new_notebook()
    nb.cells = [
        nbformat.v4.new_code_cell(f"from tlbook.course import widgets\n\nwidgets.show({name!r})")
    ]
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nb.metadata["title"] = title
    path = folder / f"{name}.ipynb"
    nbformat.write(nb, path)
    return path


def command(path: Path, port: int, ip: str, browser: bool) -> list[str]:
    """Return the command that serves the app."""
    return [
        *(sys.executable, "-m", "voila", str(path), f"--port={port}", f"--Voila.ip={ip}"),
        *("--Voila.port_retries=0", "--strip_sources=True", "--show_tracebacks=False"),
        *([] if browser else ["--no-browser"]),
    ]


def serve(name: str, port: int = 8866, ip: str = "localhost", browser: bool = True) -> int:
    """Serve an experiment until the command is stopped; return the exit code.

    Raises
    ------
    ValueError
        If there is no experiment of this name.
    RuntimeError
        If Voilà is not installed.
    """
    if importlib.util.find_spec("voila") is None:
        raise RuntimeError(
            "Voilà is not installed: python3 -m tlbook setup --extras class installs it."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = write_app(name, Path(folder))
        try:
            return subprocess.call(command(path, port, ip, browser), cwd=folder)
        except KeyboardInterrupt:
            return 0
