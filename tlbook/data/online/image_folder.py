"""Any folder of class folders of pictures as a task: your own data, or a public archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_positive
from tlbook.data.cache import cache_dir
from tlbook.data.catalogue import load_again
from tlbook.data.online.archives import extract
from tlbook.data.online.draws import check_limit, sample_rows
from tlbook.data.online.pictures import CLUTTER, SUFFIXES, read_pictures, to_floats
from tlbook.data.online.remote import digest
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task

TEST_NAMES = ("test", "val", "valid", "validation")
Listed = dict[str, list[Path]]
Rows = list[tuple[Path, int]]


def load_image_folder(
    seed: int = 0,
    *,
    path: str | Path | None = None,
    target: str | Path | None = None,
    size: int = 64,
    channels: int = 3,
    n_source: int | None = None,
    n_target: int | None = None,
) -> Task:
    """Return a folder of pictures, one folder inside for each class, as a task.

    With ``path`` alone, the folder is the *target* and the task has no source rows: its source is
    what a network was pretrained on. Where the folder has ``train`` and ``val`` (or ``test``)
    folders, these are the training and test part (as in the hymenoptera data); otherwise half of
    each class is the training part and half the test part, drawn by ``seed``. With ``target``,
    ``path`` is the labeled source (a fifth of it the validation part) and ``target`` the target,
    with the same class names.

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

    Raises
    ------
    ValueError
        If a folder is missing, has fewer than two classes or fewer than two pictures in one, files
        in it are no pictures or damaged (they are named), or the classes of source and target
        differ.
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
    options |= {"n_target": n_target}
    if target is not None:
        options |= {"target": str(target), "n_source": n_source}
    folder = _folder(path if target is None else target, "path" if target is None else "target")
    train, test = _two_parts(folder, seed)
    classes = tuple(train)

    def part(rows: Rows) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
        return lambda: _arrays(rows, size, channels)

    source = validation = None
    if target is not None:
        rows = _source_rows(_folder(path, "path"), classes, n_source, seed)
        held = max(1, len(rows) // 5)
        source = Domain.lazy("pictures", part(rows[held:]), classes)
        validation = Domain.lazy("pictures, validation", part(rows[:held]), classes)
    return Task(
        "image-folder",
        seed=seed,
        options=options,
        source=source,
        validation=validation,
        target_train=part(_rows(train, classes, n_target, "image-folder target", seed)),
        target_test=part(_rows(test, classes, None, "image-folder test", seed)),
        classes=classes,
        recipe=load_again,
        provenance=f"{_count(train)} + {_count(test)} pictures of {folder.name}",
    )


def _folder(path: str | Path, name: str) -> Path:
    """Return a folder; an archive is unpacked into the cache folder first."""
    place = Path(path).expanduser()
    if place.is_file():
        target = cache_dir() / "unpacked" / f"{place.name.split('.')[0]}-{digest(place)[:16]}"
        place = extract(place, target)
    if not place.is_dir():
        raise ValueError(f"{name}: got {str(path)!r}, want a folder of pictures or an archive")
    inside = _visible(place)
    # Archives often hold one folder with everything in it.
    while len(inside) == 1 and inside[0].is_dir() and any(p.is_dir() for p in _visible(inside[0])):
        place = inside[0]
        inside = _visible(place)
    return place


def _visible(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted, without hidden files and the clutter of systems."""
    return sorted(
        p
        for p in folder.iterdir()
        if not p.name.startswith((".", "__MACOSX")) and p.name.lower() not in CLUTTER
    )


def _classes_in(folder: Path, classes: int = 2, pictures: int = 2) -> Listed:
    """Return the picture files of each class folder; at least so many classes and pictures."""
    inside = _visible(folder)
    others = [str(p) for p in inside if not p.is_dir()]
    listed = {p.name: _visible(p) for p in inside if p.is_dir()}
    others += [
        str(p) for files in listed.values() for p in files if p.suffix.lower() not in SUFFIXES
    ]
    if len(listed) < classes:
        raise ValueError(
            f"{folder}: got {len(listed)} folder(s), want one for each of two or more classes"
        )
    if others:
        shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        raise ValueError(f"these are no pictures by their names: {shown}; remove them")
    few = [name for name, files in listed.items() if len(files) < pictures]
    if few:
        raise ValueError(f"{folder}: want at least {pictures} picture(s) in {', '.join(few)}")
    return listed


def _two_parts(folder: Path, seed: int) -> tuple[Listed, Listed]:
    """Return training and test part: those of the folder where it has them, else half and half."""
    names = {p.name.lower(): p for p in _visible(folder) if p.is_dir()}
    tests = [name for name in TEST_NAMES if name in names]
    if "train" in names and tests:
        train, test = _classes_in(names["train"], 2, 1), _classes_in(names[tests[0]], 1, 1)
        if set(test) - set(train):
            unknown = ", ".join(sorted(set(test) - set(train)))
            raise ValueError(f"{names[tests[0]]}: got {unknown}, which {names['train']} has not")
        return train, test
    listed = _classes_in(folder)
    rng = generator("halves of image-folder", seed)
    orders = {
        name: [files[i] for i in rng.permutation(len(files))] for name, files in listed.items()
    }
    halves = {name: len(files) // 2 for name, files in orders.items()}
    return (
        {name: sorted(files[: halves[name]]) for name, files in orders.items()},
        {name: sorted(files[halves[name] :]) for name, files in orders.items()},
    )


def _source_rows(folder: Path, classes: tuple[str, ...], n: int | None, seed: int) -> Rows:
    train, test = _two_parts(folder, seed)
    listed = {name: files + test.get(name, []) for name, files in train.items()}
    if tuple(listed) != classes:
        raise ValueError(
            f"target: got the classes {', '.join(classes)}, want {', '.join(listed)}, those of path"
        )
    return _rows(listed, classes, n, "image-folder source", seed)


def _rows(listed: Listed, classes: tuple[str, ...], n: int | None, name: str, seed: int) -> Rows:
    """Return (file, label) pairs in a seeded order, at most ``n``."""
    pairs = [(file, classes.index(c)) for c, files in listed.items() for file in files]
    labels = np.array([label for _, label in pairs])
    return [pairs[row] for row in sample_rows(labels, n, name, seed)]


def _arrays(rows: Rows, size: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    images = read_pictures([file for file, _ in rows], size, channels)
    return to_floats(images), np.array([label for _, label in rows])


def _count(listed: Listed) -> int:
    return sum(map(len, listed.values()))
