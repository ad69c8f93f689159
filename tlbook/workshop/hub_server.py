"""A learner's server on a JupyterHub: ``python -m tlbook.workshop.hub_server``, by its spawner.

It puts copies of the chapters into ``~/workbook``, as ``tlbook lab`` does, and becomes the server.
It runs in the hub's environment, which sees the workbook's packages.
"""

import os
import sys
from pathlib import Path

from tlbook.course import chapters
from tlbook.workshop import lab
from tlbook.workshop.handout.environment import HUB


def main(arguments: list[str]) -> None:
    """Fill the learner's folder, then become ``jupyterhub-singleuser`` with these arguments."""
    os.umask(0o077)
    book = lab.Workbook(Path.home() / "workbook")
    lab.prepare(book, [chapter.path for chapter in chapters.CHAPTERS])
    lab.quiet_configuration(book.folder)
    # What JupyterLab is made of lies beside the workbook's packages, not beside the hub's.
    there = HUB.workbook()
    _put_last("JUPYTER_CONFIG_PATH", there / "etc" / "jupyter")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        str(folder / "share" / "jupyter") for folder in (HUB.folder, there)
    )
    os.environ["JUPYTERLAB_DIR"] = str(there / "share" / "jupyter" / "lab")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    program = HUB.script("jupyterhub-singleuser")
    first = f"--LabApp.default_url=/lab/tree/{chapters.CHAPTERS[0].file}"
    # A terminal that is no login shell: /etc/profile would take the tools out of PATH again.
    shell = {"shell_command": [os.environ.get("SHELL", "/bin/sh")]}
    terminal = f"--ServerApp.terminado_settings={shell!r}"
    own = [f"--ServerApp.root_dir={book.folder}", first, terminal, *lab.IN_CLASS]
    if os.geteuid() == 0:
        own.append("--allow-root")  # a trial as root
    os.execv(program, [str(program), *own, *arguments])


def _put_last(variable: str, folder: Path) -> None:
    before = os.environ.get(variable)
    os.environ[variable] = os.pathsep.join([*([before] if before else []), str(folder)])


if __name__ == "__main__":
    main(sys.argv[1:])
