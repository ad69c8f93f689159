"""A folder of pictures as a table: every file opened, damaged ones named, copies found."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlbook._base.extras import needs
from tlbook._base.named import named
from tlbook.data.cache import cached
from tlbook.data.own.folders import files_below, find_folder, split_folders, visible

if TYPE_CHECKING:
    import pandas as pd


@named
def list_pictures(folder: str | Path, *, quiet: bool = False) -> pd.DataFrame:
    """Return a table of the pictures in ``FOLDER/CLASS`` or ``FOLDER/{train,val,test}/CLASS``.

    Every file is decoded to the end. A file that cannot be read, or whose white is not known
    (integers of 32 bits, floats outside [0, 1]), is left out and named, in one printed line and in
    ``frame.attrs["damaged"]``. :func:`tlbook.data.open_picture` opens the others.

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

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from tlbook.data import list_pictures
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name, gray in (("ants", 10), ("bees", 200)):
    ...     (folder / name).mkdir()
    ...     Image.new("L", (8, 8), gray).save(folder / name / "first.png")
    ...     Image.new("RGB", (8, 8), (gray,) * 3).save(folder / name / "copy.bmp")
    >>> frame = list_pictures(folder)
    >>> frame.label.tolist(), frame.content.nunique()
    (['ants', 'ants', 'bees', 'bees'], 2)
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
    stamps = tuple(_stamp(path) for path, _, _ in rows)
    contents = _remembered(stamps).tolist()
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


def _stamp(path: str) -> tuple[str, int, int]:
    """Return what tells whether a file has changed; a link that leads nowhere has no size."""
    try:
        found = os.stat(path)
    except OSError:
        return path, -1, 0
    return path, found.st_size, found.st_mtime_ns


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


@cached
def _remembered(stamps: tuple[tuple[str, int, int], ...]) -> np.ndarray:
    """Return the contents of files, which are read again when their size or time is another."""
    return np.array(picture_contents([path for path, _, _ in stamps]), dtype=str)


def unreadable(files: Sequence[str]) -> dict[str, str]:
    """Return the files that are no readable pictures, each with its name and the reason."""
    contents = zip(files, picture_contents(files), strict=True)
    return {file: f"{file} ({found[1:]})" for file, found in contents if found[0] == "!"}


def picture_contents(paths: Sequence[str]) -> list[str]:
    """Return a hash of each file's pixels; for a file that is no picture "!" and the reason."""
    needs("PIL", "vision")
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        # Odd metadata is no concern of ours; pictures that would fill the memory still raise.
        warnings.simplefilter("ignore")
        return list(pool.map(_content, paths))


def _content(path: str) -> str:
    from PIL import Image, ImageOps

    from tlbook.data.online.pictures import UnknownRange, shown

    if not os.path.isfile(path):  # opening a pipe would wait for ever
        return "!no file: a broken link or a pipe"
    try:
        with Image.open(path) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
            # 16-bit and float pictures would lose their depth in the conversion.
            deep = upright.mode[0] in "IF"
            if deep:
                shown(image, "RGB")  # to refuse here what no reader would take
            same = upright if deep else upright.convert("RGBA")
            mark = f"{same.mode} {same.size}".encode()
            return hashlib.blake2b(mark + same.tobytes(), digest_size=12).hexdigest()
    except UnknownRange as error:
        return f"!{error}"
    except Exception as error:  # Pillow raises whatever a broken file makes it raise
        return f"!{type(error).__name__}"
