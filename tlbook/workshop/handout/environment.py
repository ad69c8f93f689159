"""Environments of tools that cannot live beside the workbook's packages, each made by one command.

nbgrader wants other versions of the packages that the workbook uses: nothing is shared, and its
kernel is the workbook's own Python. Otter's tests and the hub's servers have to import the
workbook's packages: their environments see them, behind their own, and install only what is more.
"""

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tlbook.course import chapters


@dataclass(frozen=True)
class Tool:
    """A program with an environment of its own.

    Parameters
    ----------
    name : str
        What ``tlbook class setup`` calls it; the environment is ``.venv-NAME`` beside ``tlbook``.
    packages : tuple of str
        What is installed, with the versions that were tried.
    program : str
        What is run there.
    sees_workbook : bool
        Whether the packages of the workbook can be imported there.
    """

    name: str
    packages: tuple[str, ...]
    program: str
    sees_workbook: bool = True

    @property
    def folder(self) -> Path:
        """Where the environment lies, made or not."""
        return chapters.root() / f".venv-{self.name}"

    @property
    def kernels(self) -> Path:
        """Where the environment keeps its kernels."""
        return self.folder / "share" / "jupyter" / "kernels"

    def workbook(self) -> Path:
        """Return where the environment lies whose packages it sees."""
        return Path((self.folder / _WORKBOOK).read_text(encoding="utf-8").strip())

    def script(self, name: str) -> Path:
        """Return a program of the environment, there or not."""
        if os.name == "nt":
            return self.folder / "Scripts" / f"{name}.exe"
        return self.folder / "bin" / name

    def command(self) -> Path | None:
        """Return the tool's program; None where its environment was not made to the end."""
        program = self.script(self.program)
        return program if program.exists() and _kernel(self).exists() else None


NBGRADER = Tool("nbgrader", ("nbgrader>=0.9.6,<0.10",), "nbgrader", sees_workbook=False)
OTTER = Tool("otter", ("otter-grader>=7.0,<8",), "otter")
# The proxy is the one written in Python: it needs no Node.
HUB = Tool("hub", ("jupyterhub>=6.1,<7", "configurable-http-proxy>=0.4,<0.5"), "jupyterhub")
TOOLS = {tool.name: tool for tool in (NBGRADER, OTTER, HUB)}

_WORKBOOK = "workbook.txt"


def make(tool: Tool) -> Path:
    """Make the environment of a tool, or repair it; return its program.

    Raises
    ------
    ValueError
        If it cannot be installed, as without a network.
    """
    _run(tool, [sys.executable, "-m", "venv", str(tool.folder)])
    python = tool.script("python")
    if tool.sees_workbook:
        asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
        own = Path(_run(tool, [str(python), "-c", asked]).strip())
        theirs = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
        (tool.folder / _WORKBOOK).write_text(sys.prefix + "\n", encoding="utf-8")
        (own / "of_the_workbook.pth").write_text("\n".join(theirs) + "\n", encoding="utf-8")
    _run(tool, [str(python), "-m", "pip", "install", "--quiet", *tool.packages])
    _kernel(tool).parent.mkdir(parents=True, exist_ok=True)
    kernel = {
        "argv": [
            str(python) if tool.sees_workbook else sys.executable,
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "env": {"PYTHONPATH": str(chapters.root()), "TLBOOK_SKIP_SETUP": "1"},
    }
    _kernel(tool).write_text(json.dumps(kernel, indent=1), encoding="utf-8")
    return tool.script(tool.program)


def _run(tool: Tool, step: list[str]) -> str:
    done = subprocess.run(step, capture_output=True, text=True)
    if done.returncode:
        why = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        raise ValueError(f"{tool.name} could not be installed: {why}")
    return done.stdout


def _kernel(tool: Tool) -> Path:
    return tool.kernels / "python3" / "kernel.json"
