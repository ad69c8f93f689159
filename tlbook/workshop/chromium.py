"""The system's Chromium: where it is, and the options with which it runs alone and offline."""

import os
import shutil
from collections.abc import Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def on_path(names: Sequence[str] = NAMES) -> str | None:
    """Return the path of the first of these programs that is installed, or None."""
    return next((path for name in names if (path := shutil.which(name))), None)


def chosen(names: Sequence[str] = NAMES) -> str | None:
    """Return what ``TLBOOK_CHROMIUM`` names, else what is installed, else None."""
    return os.environ.get("TLBOOK_CHROMIUM") or on_path(names)
