"""Digits of one public collection → digits of another: MNIST, USPS, Street View house numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlbook._base.checks import check_choice, check_positive
from tlbook.data.catalogue import load_again
from tlbook.data.fonts import DIGITS
from tlbook.data.online import registry
from tlbook.data.online.digit_files import Arrays, drawn
from tlbook.data.online.draws import check_limit
from tlbook.data.online.pictures import to_floats
from tlbook.data.random import check_seed
from tlbook.domains.task import Domain, Task


def load_mnist_to_usps(
    seed: int = 0,
    *,
    size: int = 28,
    channels: int = 1,
    n_source: int | None = 10_000,
    n_target: int | None = 10_000,
) -> Task:
    """Return MNIST → USPS: two collections of handwritten digits, scanned at other places.

    Pictures are float32 in [0, 1] of shape (n, channels, size, size), ink is bright. USPS is
    enlarged from 16 × 16 and fills its frame, MNIST keeps its margin: part of what shifts. The
    test part is the official one (2,007).

    Parameters
    ----------
    seed : int
        Seed of subsamples and of the split of the source.
    size, channels : int
        Pixels of each side (8 or more); 1 (gray) or 3 (gray, three times).
    n_source : int, optional
        At most so many rows of the source's training files, every class with its share; a fifth
        of them is the validation part. None takes all.
    n_target : int, optional
        At most so many rows of the target's training files. None takes all.

    Raises
    ------
    Offline
        If files are not here and cannot be downloaded (within 5 seconds).
    ValueError
        If an option is unfit or a file is damaged.

    References
    ----------
    LeCun et al., Gradient-based learning applied to document recognition (1998). Hull, A database
    for handwritten text recognition research (1994).
    """
    return _task("mnist-to-usps", "mnist", "usps", seed, size, channels, n_source, n_target)


def load_usps_to_mnist(
    seed: int = 0,
    *,
    size: int = 28,
    channels: int = 1,
    n_source: int | None = 10_000,
    n_target: int | None = 10_000,
) -> Task:
    """Return USPS → MNIST, the way back; everything as in :func:`load_mnist_to_usps`.

    USPS has 7,291 rows to learn from; the test part is MNIST's (10,000).
    """
    return _task("usps-to-mnist", "usps", "mnist", seed, size, channels, n_source, n_target)


def load_svhn_to_mnist(
    seed: int = 0,
    *,
    size: int = 32,
    channels: int = 3,
    n_source: int | None = 10_000,
    n_target: int | None = 10_000,
) -> Task:
    """Return Street View house numbers → MNIST: photographs in color → handwriting.

    Everything as in :func:`load_mnist_to_usps`, but 3 × 32 × 32. With ``channels=1`` the house
    numbers become gray.

    References
    ----------
    Netzer et al., Reading digits in natural images with unsupervised feature learning (2011).
    """
    return _task("svhn-to-mnist", "svhn", "mnist", seed, size, channels, n_source, n_target)


def check_options(
    seed: int, size: int, channels: int, n_source: int | None, n_target: int | None
) -> dict[str, Any]:
    """Return the checked options that all digit tasks share."""
    check_seed(seed)
    if check_positive(size, "size", integer=True) < 8:
        raise ValueError(f"size: got {size}, want at least 8 pixels")
    check_choice(channels, "channels", (1, 3))
    check_limit(n_source, "n_source", 50)
    check_limit(n_target, "n_target", 20)
    return {"size": size, "channels": channels, "n_source": n_source, "n_target": n_target}


def floats(arrays: Callable[[], Arrays]) -> Callable[[], Arrays]:
    """Return a function that turns uint8 pictures into float32 in [0, 1]."""

    def part() -> Arrays:
        images, labels = arrays()
        return to_floats(images), labels

    return part


def fifths(arrays: Callable[[], Arrays]) -> tuple[Callable[[], Arrays], Callable[[], Arrays]]:
    """Return two functions: four fifths of the rows (drawn in random order), and one fifth."""

    def part(first: bool) -> Callable[[], Arrays]:
        def rows() -> Arrays:
            images, labels = arrays()
            held = len(labels) // 5
            chosen = slice(held, None) if first else slice(held)
            return images[chosen], labels[chosen]

        return floats(rows)

    return part(True), part(False)


def _task(
    name: str,
    source: str,
    target: str,
    seed: int,
    size: int,
    channels: int,
    n_source: int | None,
    n_target: int | None,
) -> Task:
    options = check_options(seed, size, channels, n_source, n_target)
    for group in (source, target):
        registry.files(name, group)
    classes = tuple(DIGITS)

    def digits(group: str, half: str, n: int | None, which: str) -> Callable[[], Arrays]:
        # The test part is the same for every seed.
        fixed = 0 if half == "test" else seed
        return lambda: drawn(group, half, n, size, channels, f"{name} {which}", fixed)

    learned, held = fifths(digits(source, "train", n_source, "source"))
    return Task(
        name,
        seed=seed,
        options=options,
        source=Domain.lazy(source.upper(), learned, classes),
        validation=Domain.lazy(f"{source.upper()}, validation", held, classes),
        target_train=floats(digits(target, "train", n_target, "target")),
        target_test=floats(digits(target, "test", None, "test")),
        classes=classes,
        recipe=load_again,
    )
