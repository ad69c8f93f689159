"""Folders that are chosen in the environment.

The course's guard of stored results skips the calls of this module: they decide no number.
"""

from __future__ import annotations

from pathlib import Path


def refuse_unknown_home(chosen: str | None, variable: str) -> None:
    """Refuse a folder in the home of a user whom this machine does not know.

    Raises
    ------
    ValueError
        With the name of the environment variable.
    """
    try:
        Path(chosen or ".").expanduser()
    except RuntimeError:
        raise ValueError(
            f"{variable}: got {chosen!r}, whose home this machine does not know; want a folder"
        ) from None
