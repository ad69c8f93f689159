"""Oxford-IIIT Pets: photographs of 37 breeds of cats and dogs, few of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlbook._base.checks import check_positive
from tlbook.data.catalogue import load_again
from tlbook.data.online import registry
from tlbook.data.online.digit_files import Arrays, reading
from tlbook.data.online.digits import floats
from tlbook.data.online.draws import check_limit, sample_rows
from tlbook.data.online.pictures import read_pictures
from tlbook.data.random import check_seed
from tlbook.domains.task import Task


def load_pets(
    seed: int = 0, *, size: int = 64, n_target: int | None = None, n_test: int | None = None
) -> Task:
    """Return 37 breeds as a target, labels to be bought, no source rows (see ``cifar10``).

    Pictures are float32 in [0, 1] of shape (n, 3, size, size): the shorter side is scaled, the
    middle cut out. Training and test part are the official ones (3,680 and 3,669, about 100 of each
    breed in either). Decoding takes a minute the first time and is then kept in the cache folder.

    Parameters
    ----------
    seed : int
        Seed of the subsamples.
    size : int
        Pixels of each side (8 or more).
    n_target, n_test : int, optional
        At most so many rows of either part, each class with its share; None takes all.

    Raises
    ------
    Offline
        If the archives are not here and cannot be downloaded (within 5 seconds).
    ValueError
        If an option is unfit or a file is damaged.

    References
    ----------
    Parkhi et al., Cats and dogs (2012).
    """
    check_seed(seed)
    if check_positive(size, "size", integer=True) < 8:
        raise ValueError(f"size: got {size}, want at least 8 pixels")
    check_limit(n_target, "n_target", 37)
    check_limit(n_test, "n_test", 37)
    images, annotations = registry.folders("pets", "pets")
    listed = {half: _listed(annotations, images, half) for half in ("trainval", "test")}
    names: dict[int, str] = {}
    for path, label in listed["trainval"]:
        names.setdefault(label, path.stem.rpartition("_")[0].replace("_", " "))
    classes = tuple(names[label] for label in sorted(names))

    def pictures(half: str, n: int | None) -> Callable[[], Arrays]:
        def rows() -> Arrays:
            y = np.array([label for _, label in listed[half]])
            kept = sample_rows(y, n, f"pets {half}", seed)
            return read_pictures([listed[half][row][0] for row in kept], size), y[kept]

        return floats(rows)

    return Task(
        "pets",
        seed=seed,
        options={"size": size, "n_target": n_target, "n_test": n_test},
        target_train=pictures("trainval", n_target),
        target_test=pictures("test", n_test),
        classes=classes,
        recipe=load_again,
    )


def _listed(annotations: Path, images: Path, half: str) -> list[tuple[Path, int]]:
    """Return (picture file, label) of one part; lines are name, class from 1, species, breed."""
    path = annotations / "annotations" / f"{half}.txt"
    with reading(path):
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        return [
            (images / "images" / f"{line[0]}.jpg", int(line[1]) - 1)
            for line in lines
            if line and not line[0].startswith("#")
        ]
