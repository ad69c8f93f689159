"""Folders that somebody else owns, as in a class that shares one.

The course's guard of stored results skips the calls of this module: they decide no number.
"""

from __future__ import annotations

import os
from pathlib import Path

from tlbook.data.online.answers import NoAnswer


def refuse_unreadable(path: Path) -> None:
    """Refuse a file in a folder that this user may not look into.

    Raises
    ------
    ValueError
        With the folder and what chooses another.
    """
    try:
        path.is_file()
    except OSError as error:
        raise ValueError(
            f"{path.parent}: cannot look into this folder ({error.strerror}); its owner can open "
            "it, or the environment variable TLBOOK_DATA chooses another one"
        ) from None


def refuse_unwritable(folder: Path) -> None:
    """Say that nothing can be downloaded into a folder in which this user may not write.

    Raises
    ------
    NoAnswer
        As where no server answers: whoever may write there has to bring the file.
    """
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NoAnswer(
            f"you may not write in {folder}: its owner can, by 'tlbook data fetch', and "
            "TLBOOK_DATA chooses another folder"
        )
