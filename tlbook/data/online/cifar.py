"""CIFAR-10 with few labels: the source is what a network was pretrained on."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tlbook._base.checks import check_positive
from tlbook.data.cache import cached
from tlbook.data.catalogue import load_again
from tlbook.data.online import registry
from tlbook.data.online.digit_files import Arrays, reading, to_shape
from tlbook.data.online.digits import floats
from tlbook.data.online.draws import check_limit, sample_rows
from tlbook.data.random import check_seed
from tlbook.domains.task import Task

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def load_cifar10(seed: int = 0, *, size: int = 32, n_target: int | None = 10_000) -> Task:
    """Return CIFAR-10 as a target: unlabeled pictures, labels to be bought, no source rows.

    The source is what a network was pretrained on, such as ImageNet
    (``tlbook.models.torchvision.resnet``); ``task.source`` says so. Learn from ``task.label(k)``.
    Pictures are float32 in [0, 1] of shape (n, 3, size, size). The test part is the official one
    (10,000).

    Parameters
    ----------
    seed : int
        Seed of the subsample.
    size : int
        Pixels of each side (8 or more); scaled with antialiasing from 32.
    n_target : int, optional
        At most so many of the 50,000 training rows, each class with its share; None takes all.

    Raises
    ------
    Offline
        If the archive is not here and cannot be downloaded (within 5 seconds).
    ValueError
        If an option is unfit or the archive is damaged.

    Notes
    -----
    The files are pickles. The archive's checksum is compared before it is unpacked, and the reader
    builds nothing but NumPy arrays, whatever a pickle asks for.

    References
    ----------
    Krizhevsky, Learning multiple layers of features from tiny images (2009).
    """
    check_seed(seed)
    if check_positive(size, "size", integer=True) < 8:
        raise ValueError(f"size: got {size}, want at least 8 pixels")
    check_limit(n_target, "n_target", 20)
    (folder,) = registry.folders("cifar10", "cifar10")

    def pictures(half: str, n: int | None) -> Callable[[], Arrays]:
        fixed = 0 if half == "test" else seed  # the test part is the same for every seed
        return floats(lambda: _drawn(str(folder), half, n, size, fixed))

    return Task(
        "cifar10",
        seed=seed,
        options={"size": size, "n_target": n_target},
        target_train=pictures("train", n_target),
        target_test=pictures("test", None),
        classes=CLASSES,
        recipe=load_again,
    )


@cached
def _drawn(folder: str, half: str, n: int | None, size: int, seed: int) -> Arrays:
    base = Path(folder) / "cifar-10-batches-py"
    names = [f"data_batch_{i}" for i in range(1, 6)] if half == "train" else ["test_batch"]
    parts = [read_batch(base / name) for name in names]
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    rows = sample_rows(labels, n, f"cifar10 {half}", seed)
    return to_shape(images[rows], size, 3), labels[rows]


def read_batch(path: Path) -> Arrays:
    """Return pictures (n, 3, 32, 32) uint8 and labels of one file, without trusting it."""
    with reading(path), open(path, "rb") as file:
        found = OnlyArrays(file, encoding="latin1").load()
        images = np.asarray(found["data"]).reshape(-1, 3, 32, 32)
        labels = np.asarray(found["labels"], dtype=np.int64)
        right = images.dtype == np.uint8 and len(images) == len(labels)
        if not right or not set(labels.tolist()) <= set(range(10)):
            raise ValueError("want uint8 pictures and as many labels from 0 to 9")
    return images, labels


class OnlyArrays(pickle.Unpickler):
    """Build NumPy arrays and plain Python values; refuse everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few functions that an array's pickle names."""
        module = module.replace("numpy.core", "numpy._core")
        if (module, name) == ("_codecs", "encode"):  # bytes, as old protocols write them
            return lambda text, _: text.encode("latin1")
        if (module, name) == ("numpy._core.multiarray", "_reconstruct"):
            return np.zeros(0, np.uint8).__reduce__()[0]
        if (module, name) in {("numpy", "ndarray"), ("numpy", "dtype")}:
            return getattr(np, name)
        raise pickle.UnpicklingError(f"refused: it asks for {module}.{name}")
