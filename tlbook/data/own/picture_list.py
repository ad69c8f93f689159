"""A folder of pictures as a table: every file opened, damaged ones named, copies found."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tlbook._base.extras import needs
from tlbook.data.own.folders import files_below, find_folder, split_folders, visible

if TYPE_CHECKING:
    import pandas as pd


def list_pictures(folder: str | Path, *, quiet: bool = False) -> pd.DataFrame:
    """Return a table of the pictures in ``FOLDER/CLASS`` or ``FOLDER/{train,val,test}/CLASS``.

    Every file is decoded to the end. A file that cannot be read is left out and named, in one
    printed line and in ``frame.attrs["damaged"]``.

    Two files have the same ``content`` where they show the same pixels: a copy under another name
    or in another format without loss is found by it. Rows with one content belong on one side of a
    split, for example by scikit-learn::

        folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
        rows, held = next(folds.split(frame, frame.label, groups=frame.content))

    Parameters
    ----------
    folder : str or Path
        A folder, or a zip or tar archive of one (unpacked into the cache folder). Class folders may
        have folders inside; hidden files do not count.
    quiet : bool
        Do not print the line about damaged files.

    Returns
    -------
    DataFrame
        ``path`` (str), ``label`` (name of the class folder), ``split`` ("train", "val", "test", or
        "all" for a folder without splits) and ``content`` (a hash of the pixels), sorted by path
        within split and class.

    Raises
    ------
    ValueError
        If there are no pictures, fewer than two classes, a class without a readable picture, or a
        class that not every split has; the message names it.
    """
    import pandas as pd

    place = find_folder(folder, "folder")
    groups = {
        split: [group for group in visible(part) if group.is_dir()]
        for split, part in split_folders(place).items()
    }
    rows = [
        (str(file), group.name, split)
        for split, inside in groups.items()
        for group in inside
        for file in files_below(group)
    ]
    contents = picture_contents([path for path, _, _ in rows])
    listed = list(zip(rows, contents, strict=True))
    damaged = [f"{row[0]} ({content[1:]})" for row, content in listed if content[0] == "!"]
    frame = pd.DataFrame(
        [(*row, content) for row, content in listed if content[0] != "!"],
        columns=["path", "label", "split", "content"],
        dtype=object,
    )
    _check_classes(place, groups, frame, damaged)
    frame.attrs["damaged"] = damaged
    if damaged and not quiet:
        print(f"left out, no readable pictures: {shorten(damaged)}")
    return frame


def shorten(names: Sequence[str], most: int = 5) -> str:
    """Return names in one line, at most so many of them."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _check_classes(
    place: Path, groups: dict[str, list[Path]], frame: pd.DataFrame, damaged: list[str]
) -> None:
    """Refuse what no classifier can learn from, by name."""
    why = f"; not readable: {shorten(damaged)}" if damaged else ""
    if frame.empty:
        raise ValueError(
            f"folder: got {place} without a readable picture, want one folder for each class{why}"
        )
    known = sorted({group.name for inside in groups.values() for group in inside})
    if len(known) < 2:
        raise ValueError(f"folder: {place} has the class {known[0]} alone, want two or more{why}")
    for split, inside in groups.items():
        names = {group.name for group in inside}
        where = "" if split == "all" else f" in {split}"
        if missing := sorted(set(known) - names):
            raise ValueError(
                f"folder: {place} has no class {', '.join(missing)}{where}, want every class in "
                f"every split ({', '.join(groups)})"
            )
        filled = set(frame.label[frame.split == split])
        if empty := sorted(names - filled):
            raise ValueError(
                f"folder: {place} has no picture of the class {', '.join(empty)}{where}, want at "
                f"least one{why}"
            )


def picture_contents(paths: Sequence[str]) -> list[str]:
    """Return a hash of each file's pixels; for a file that is no picture "!" and the reason."""
    needs("PIL", "vision")
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        # Odd metadata is no concern of ours; pictures that would fill the memory still raise.
        warnings.simplefilter("ignore")
        return list(pool.map(_content, paths))


def _content(path: str) -> str:
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
            # 16-bit and float pictures would lose their depth in the conversion.
            deep = upright.mode[0] in "IF"
            same = upright if deep else upright.convert("RGBA")
            mark = f"{same.mode} {same.size}".encode()
            return hashlib.blake2b(mark + same.tobytes(), digest_size=12).hexdigest()
    except Exception as error:  # Pillow raises whatever a broken file makes it raise
        return f"!{type(error).__name__}"
