"""The files of MNIST, USPS and SVHN as arrays, read by torchvision and SciPy."""

from __future__ import annotations

import bz2
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tlbook._base.checks import check_choice
from tlbook._base.extras import needs
from tlbook.data.cache import cached
from tlbook.data.online import registry
from tlbook.data.online.draws import sample_rows
from tlbook.data.online.own_copies import content, own_file
from tlbook.data.online.remote import digest

Arrays = tuple[np.ndarray, np.ndarray]


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say which file it was when a library's reader stumbles."""
    try:
        yield
    except Exception as error:  # the readers raise whatever a wrong file makes them raise
        raise ValueError(f"{path} cannot be read ({type(error).__name__}: {error})") from None


def mnist(half: str) -> Arrays:
    """Return pictures (n, 1, 28, 28) uint8, ink bright, and labels; half is "train" or "test"."""
    needs("torchvision", "vision")
    from torchvision.datasets.mnist import read_image_file, read_label_file

    start = {"train": "train", "test": "t10k"}[half]
    remotes = [r for r in registry.FILES["mnist"] if r.file.startswith(start)]
    paths = {r.file: own_file(r) or r.path for r in remotes}
    (images_path,) = (path for file, path in paths.items() if "images" in file)
    (labels_path,) = (path for file, path in paths.items() if "labels" in file)
    arrays = []
    for path, read in ((images_path, read_image_file), (labels_path, read_label_file)):
        with reading(path), tempfile.TemporaryDirectory() as folder:
            plain = Path(folder) / "idx"
            plain.write_bytes(content(path))
            arrays.append(read(str(plain)).numpy())
    return _checked(arrays[0][:, None], arrays[1], images_path)


def usps(half: str) -> Arrays:
    """Return pictures (n, 1, 16, 16) uint8, ink bright, and labels."""
    needs("torchvision", "vision")
    from torchvision.datasets import USPS

    remote = registry.FILES["usps"][half == "test"]
    path = own_file(remote) or remote.path
    with reading(path), tempfile.TemporaryDirectory() as folder:
        place = path.parent
        if path != remote.path:  # torchvision reads it under its own name only
            place = Path(folder)
            (place / remote.file).write_bytes(bz2.compress(content(path), 1))
        found = USPS(place, train=half == "train")
    return _checked(np.asarray(found.data)[:, None], np.asarray(found.targets), path)


def svhn(half: str) -> Arrays:
    """Return pictures (n, 3, 32, 32) uint8 and labels (the file calls a zero 10)."""
    from scipy.io import loadmat

    check_choice(half, "half", ("train",))
    path = registry.FILES["svhn"][0].path
    with reading(path):
        found = loadmat(path)
        images, labels = found["X"].transpose(3, 2, 0, 1), found["y"].ravel() % 10
    return _checked(images, labels, path)


def _checked(images: np.ndarray, labels: np.ndarray, path: Path) -> Arrays:
    labels = labels.astype(np.int64)
    if len(images) != len(labels) or not len(labels):
        raise ValueError(f"{path}: got {len(images)} pictures and {len(labels)} labels")
    if images.dtype != np.uint8 or labels.min() < 0 or labels.max() > 9:
        raise ValueError(f"{path}: got pictures of {images.dtype} or other labels than 0 to 9")
    return images, labels


READERS = {"mnist": mnist, "usps": usps, "svhn": svhn}


def drawn(
    group: str, half: str, n: int | None, size: int, channels: int, name: str, seed: int
) -> Arrays:
    """Return at most ``n`` digits, seeded, each class with its share, of shape (n, c, size, size).

    They are kept in the cache folder, so the files are parsed once.
    """
    # Of a copy that was compared with no sum, its own.
    own = [(remote, own_file(remote)) for remote in registry.FILES[group]]
    sums = tuple(r.checksum if path is None else digest(path) for r, path in own)
    return _drawn(group, half, sums, n, size, channels, name, seed)


@cached
def _drawn(
    group: str,
    half: str,
    sums: tuple[str, ...],
    n: int | None,
    size: int,
    channels: int,
    name: str,
    seed: int,
) -> Arrays:
    images, labels = READERS[group](half)
    rows = sample_rows(labels, n, name, seed)
    return to_shape(images[rows], size, channels), labels[rows]


def to_shape(images: np.ndarray, size: int, channels: int) -> np.ndarray:
    """Return uint8 pictures with this size (bilinear, antialiased) and number of channels.

    Gray to RGB repeats the channel; RGB to gray is the luminance 0.299 R + 0.587 G + 0.114 B.
    """
    import torch
    from torch.nn.functional import interpolate

    blocks = []
    for start in range(0, len(images), 2000):
        block = torch.from_numpy(np.ascontiguousarray(images[start : start + 2000])).float()
        if block.shape[1] == 3 and channels == 1:
            block = (block * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, True)
        if block.shape[2:] != (size, size):
            block = interpolate(
                block, (size, size), mode="bilinear", align_corners=False, antialias=True
            )
        block = block.round().clamp(0, 255).byte()
        blocks.append(block.expand(-1, channels, -1, -1).numpy())
    return np.concatenate(blocks)
