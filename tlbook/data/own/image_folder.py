"""Any folder of class folders of pictures as a task: your own data, or a public archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook.data.catalogue import load_again
from tlbook.data.online.draws import check_limit, sample_rows
from tlbook.data.online.pictures import read_pictures, to_floats
from tlbook.data.own.copies import halves, without_copies
from tlbook.data.own.folders import find_folder
from tlbook.data.own.picture_list import list_pictures
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task

if TYPE_CHECKING:
    import pandas as pd


Arrays = tuple[np.ndarray, np.ndarray]


def load_image_folder(
    seed: int = 0,
    *,
    path: str | Path | None = None,
    target: str | Path | None = None,
    size: int = 64,
    channels: int = 3,
    n_source: int | None = None,
    n_target: int | None = None,
    duplicates: str = "drop",
) -> Task:
    """Return a folder of pictures, one folder inside for each class, as a task.

    With ``path`` alone, the folder is the *target* and the task has no source rows: its source is
    what a network was pretrained on. Where the folder has ``train`` and ``val`` or ``test``
    folders, the last of them is the test part and the rest the training part (as in the hymenoptera
    data); otherwise half of each class is the training part and half the test part, drawn by
    ``seed``, with copies of a picture on one side. With ``target``, ``path`` is the labeled source
    (a fifth of it the validation part) and ``target`` the target, with the same class names.

    Pictures are float32 in [0, 1] of shape (n, channels, size, size): the shorter side is scaled,
    the middle cut out.

    Parameters
    ----------
    seed : int
        Seed of splits and subsamples.
    path, target : str or Path
        A folder, or a zip or tar archive with one inside (unpacked into the cache folder; links
        and names that lead elsewhere are refused).
    size, channels : int
        Pixels of each side; 3 (RGB) or 1 (gray).
    n_source, n_target : int, optional
        At most so many source rows, and rows of the target's training part, drawn by ``seed``
        with the share of each class kept.
    duplicates : {"drop", "keep"}
        Pictures of the training part that the test part has too, and of the source that the target
        has too, are left out, or kept; either way a printed line counts them.

    Raises
    ------
    ValueError
        As :func:`tlbook.data.list_pictures`, and if the classes of source and target differ.
    """
    check_seed(seed)
    if path is None:
        raise ValueError("path: got nothing, want a folder with one folder of pictures per class")
    check_positive(size, "size", integer=True)
    check_choice(channels, "channels", (1, 3))
    check_limit(n_source, "n_source", 2)
    check_limit(n_target, "n_target", 2)
    if n_source is not None and target is None:
        raise ValueError(f"n_source: got {n_source} without target, want a task with a source")
    options: dict[str, Any] = {"path": str(path), "size": size, "channels": channels}
    options |= {"n_target": n_target, "duplicates": duplicates}
    if target is not None:
        options |= {"target": str(target), "n_source": n_source}
    name = "path" if target is None else "target"
    folder = find_folder(path if target is None else target, name)
    train, test = _two_parts(folder, seed, duplicates)
    classes = tuple(sorted(set(train.label)))

    def part(frame: pd.DataFrame, n: int | None, name: str) -> Callable[[], Arrays]:
        y = np.array([classes.index(label) for label in frame.label])
        rows = sample_rows(y, n, f"image-folder {name}", seed)
        files = [Path(frame.path.iloc[row]) for row in rows]
        return lambda: (to_floats(read_pictures(files, size, channels)), y[rows])

    source = validation = None
    if target is not None:
        learned, held = _source(find_folder(path, "path"), train, test, duplicates, n_source, seed)
        source = Domain.lazy("pictures", part(learned, None, "source"), classes)
        validation = Domain.lazy("pictures, validation", part(held, None, "source"), classes)
    return Task(
        "image-folder",
        seed=seed,
        options=options,
        source=source,
        validation=validation,
        target_train=part(train, n_target, "target"),
        target_test=part(test, None, "test"),
        classes=classes,
        recipe=load_again,
        provenance=f"{len(train)} + {len(test)} pictures of {folder.name}",
    )


def _two_parts(folder: Path, seed: int, duplicates: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and test part: those of the folder where it has them, else half and half."""
    frame = list_pictures(folder)
    splits = list(dict.fromkeys(frame.split))
    if len(splits) == 1:
        return halves(frame, generator("halves of image-folder", seed), "folder")
    last = splits[-1]
    train, test = frame[frame.split != last], frame[frame.split == last]
    return without_copies(train, test, "train", last, duplicates), test


def _source(
    folder: Path, train: pd.DataFrame, test: pd.DataFrame, duplicates: str, n: int | None, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the source's rows to learn from, and a fifth of them to choose by."""
    import pandas as pd

    frame = list_pictures(folder)
    known, wanted = sorted(set(frame.label)), sorted(set(train.label))
    if known != wanted:
        raise ValueError(
            f"target: got the classes {', '.join(wanted)}, want {', '.join(known)}, those of path"
        )
    frame = without_copies(frame, pd.concat([train, test]), "path", "target", duplicates)
    labels = frame.label.to_numpy(dtype=str)
    rows = sample_rows(labels, n, "image-folder source", seed)
    held = max(1, len(rows) // 5)
    return frame.iloc[rows[held:]], frame.iloc[rows[:held]]
