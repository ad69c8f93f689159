"""A chapter on paper: its offline page, printed by Chromium to a PDF."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tlbook.workshop.chromium import FLAGS, chosen
from tlbook.workshop.chromium import NAMES as NAMES_OF_CHROMIUM
from tlbook.workshop.page import write_page

NAMES = (*NAMES_OF_CHROMIUM, "msedge")


def chromium() -> str:
    """Return the path of a browser that can print.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    found = chosen(NAMES)
    if found is None:
        raise RuntimeError(
            "No Chromium or Chrome found. Install one, or name its program in TLBOOK_CHROMIUM."
        )
    return found


def write_pdf(notebook: Path, target: Path, seconds: float = 120) -> None:
    """Print a stored chapter, formulas and pictures included, without a network.

    Raises
    ------
    RuntimeError
        If there is no browser, or it does not print within ``seconds``.
    """
    program = chromium()
    with tempfile.TemporaryDirectory() as folder:
        page, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        write_page(notebook, page, notes=False)  # it is handed out
        command = [program, *FLAGS, "--no-pdf-header-footer", f"--user-data-dir={folder}/profile"]
        command += [f"--print-to-pdf={made}", page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{notebook.name}: not printed within {seconds:g} s") from None
        if not made.exists():
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"{notebook.name}: the browser printed nothing ({last[:200]})")
        shutil.copyfile(made, target)
