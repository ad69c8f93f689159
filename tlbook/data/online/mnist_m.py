"""MNIST → MNIST-M: handwritten digits → digits blended with patches of photographs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tlbook._base.extras import needs
from tlbook.data.cache import cached
from tlbook.data.catalogue import load_again
from tlbook.data.fonts import DIGITS
from tlbook.data.online import registry
from tlbook.data.online.digit_files import Arrays, drawn, mnist, to_shape
from tlbook.data.online.digits import check_options, fifths, floats
from tlbook.data.online.draws import sample_rows
from tlbook.data.online.pictures import SUFFIXES
from tlbook.data.online.remote import digest
from tlbook.data.random import generator
from tlbook.domains.task import Domain, Task

EMBEDDED = "embedded"


def load_mnist_to_mnist_m(
    seed: int = 0,
    *,
    photographs: str | Path = EMBEDDED,
    size: int = 28,
    n_source: int | None = 10_000,
    n_target: int | None = 10_000,
) -> Task:
    r"""Return MNIST in RGB → MNIST-M, made here: digits blended with random photograph patches.

    .. math:: x'_{cij} = |\, p_{cij} - x_{ij}\, |

    with a digit :math:`x` and a patch :math:`p`, both in [0, 1]. Pictures are float32 in [0, 1] of
    shape (n, 3, size, size). Unlike the first authors, we take other digits for the target than for
    the source: one half of MNIST's training rows each. The test part is made from MNIST's (10,000).

    Parameters
    ----------
    seed : int
        Seed of subsamples, splits and patches.
    photographs : str or Path
        ``"embedded"`` takes the two photographs inside scikit-learn (by danielbuechele and
        vultilion, CC BY 2.0); a path, the pictures in that folder, such as BSDS500, which the
        authors took. ``task.options`` and ``task.provenance`` have the choice.
    size : int
        Pixels of each side (8 or more).
    n_source, n_target : int, optional
        At most so many rows of either half; a fifth of the source rows is the validation part.
        None takes all 30,000.

    Raises
    ------
    Offline
        If MNIST is not here and cannot be downloaded (within 5 seconds).
    ValueError
        If an option is unfit, a file is damaged, or the folder has no pictures of at least
        ``size`` × ``size`` pixels.

    References
    ----------
    Ganin and Lempitsky, Unsupervised domain adaptation by backpropagation (2015).
    """
    options = check_options(seed, size, 3, n_source, n_target)
    del options["channels"]
    registry.files("mnist-to-mnist-m", "mnist")
    files = _files(photographs)
    sums = tuple(digest(file) for file in files)
    choice = EMBEDDED if photographs == EMBEDDED else str(photographs)
    name, classes = "mnist-to-mnist-m", tuple(DIGITS)

    mnist_sums = tuple(remote.checksum for remote in registry.FILES["mnist"])

    def half(first: bool, n: int | None) -> Callable[[], Arrays]:
        return lambda: _half(mnist_sums, first, n, size, seed)

    def test() -> Arrays:
        return drawn("mnist", "test", None, size, 1, f"{name} test", 0)

    def in_color() -> Arrays:
        images, labels = half(True, n_source)()
        return to_shape(images, size, 3), labels

    def blended(part: Callable[[], Arrays], which: str) -> Callable[[], Arrays]:
        def rows() -> Arrays:
            images, labels = part()
            return blend(images, _pixels(files), generator(f"{name} {which}", seed)), labels

        return floats(rows)

    learned, held = fifths(in_color)
    return Task(
        name,
        seed=seed,
        options=options | {"photographs": choice},
        source=Domain.lazy("MNIST", learned, classes),
        validation=Domain.lazy("MNIST, validation", held, classes),
        target_train=blended(half(False, n_target), "target"),
        target_test=blended(test, "test"),
        classes=classes,
        recipe=load_again,
        provenance=_provenance(files, sums, choice),
    )


@cached
def _half(mnist_sums: tuple[str, ...], first: bool, n: int | None, size: int, seed: int) -> Arrays:
    """Return rows of one half of MNIST's training part, (n, 1, size, size) uint8, and labels."""
    images, labels = mnist("train")
    order = sample_rows(labels, None, "mnist-to-mnist-m halves", seed)
    middle = len(order) // 2
    mine = order[:middle] if first else order[middle:]
    kept = mine[sample_rows(labels[mine], n, f"mnist-to-mnist-m half {first}", seed)]
    return to_shape(images[kept], size, 1), labels[kept]


def blend(
    digits: np.ndarray, photographs: list[np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Return |patch − digit| for a random patch each: uint8 (n, 1, s, s) → (n, 3, s, s)."""
    size = digits.shape[-1]
    fit = [p for p in photographs if min(p.shape[:2]) >= size]
    if not fit:
        raise ValueError(f"photographs: got none of at least {size} × {size} pixels")
    blended = np.empty((len(digits), 3, size, size), dtype=np.uint8)
    for row, which in enumerate(rng.integers(len(fit), size=len(digits))):
        height, width = fit[which].shape[:2]
        top, left = rng.integers(height - size + 1), rng.integers(width - size + 1)
        patch = fit[which][top : top + size, left : left + size].transpose(2, 0, 1)
        blended[row] = np.abs(patch.astype(np.int16) - digits[row])
    return blended


def _files(photographs: str | Path) -> list[Path]:
    if photographs == EMBEDDED:
        import sklearn.datasets

        images = Path(sklearn.datasets.__file__).parent / "images"
        return [images / "china.jpg", images / "flower.jpg"]
    folder = Path(photographs).expanduser()
    files = sorted(
        p
        for p in (folder.iterdir() if folder.is_dir() else ())
        if p.suffix.lower() in SUFFIXES and not p.name.startswith(".")
    )
    if not files:
        raise ValueError(
            f"photographs: got {str(photographs)!r}, want {EMBEDDED!r} or a folder with pictures"
        )
    return files


def _pixels(paths: list[Path]) -> list[np.ndarray]:
    needs("PIL", "vision")
    from PIL import Image

    pixels = []
    for path in paths:
        try:
            with Image.open(path) as image:
                pixels.append(np.asarray(image.convert("RGB")))
        except Exception as error:  # Pillow raises whatever a broken file makes it raise
            raise ValueError(
                f"photographs: {path} cannot be read as a picture ({type(error).__name__})"
            ) from None
    return pixels


def _provenance(files: list[Path], sums: tuple[str, ...], choice: str) -> str:
    digest_ = hashlib.sha256("".join(sums).encode()).hexdigest()[:16]
    if choice == EMBEDDED:
        return (
            "digits blended with china.jpg (danielbuechele) and flower.jpg (vultilion), CC BY 2.0, "
            "in scikit-learn"
        )
    return f"digits blended with {len(files)} photographs of {Path(choice).name}, sha256 {digest_}…"
