"""Cytology: real measurements of cell nuclei, dealt to two clinics that differ in a known way."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tlbook._base.checks import check_positive, check_probability
from tlbook.data.catalogue import load_again
from tlbook.data.random import check_seed, generator
from tlbook.domains.task import Domain, Task

FEATURES = (
    "mean radius",
    "mean texture",
    "mean smoothness",
    "mean symmetry",
    "mean fractal dimension",
)
CLASSES = ("benign", "malignant")
SHARE = 0.45  # of the 569 patients that clinic A may draw from
N_SOURCE = 120  # patients whom clinic A saw, a fifth of them for validation


def load_cytology(
    seed: int = 0, *, selection: float = 1.0, prevalence: float | None = 0.1, scale: float = 1.1
) -> Task:
    r"""Return malignant or benign, from five measurements: clinic A → clinic B.

    569 patients of one hospital are dealt to two clinics at random; no patient is in both. Then
    up to three biases, each of them known:

    - *selection*: clinic A sees large nuclei more often, with odds :math:`\propto e^{s z}` in the
      standardized radius z. Given the measurements the diagnosis does not depend on the clinic.
    - *prevalence*: clinic B (a screening) has this share of malignant cases.
    - *scale*: clinic B's microscope reports lengths this much larger; of the five measurements only
      the radius is a length.

    Parameters
    ----------
    seed : int
        Who goes where.
    selection : float
        s; 0 for none. Negative: small nuclei.
    prevalence : float in (0, 1), optional
        Share of malignant cases in clinic B; by default that of the data (0.37).
    scale : float
        Factor above 0; 1 for none.

    Returns
    -------
    Task
        Rows of shape (5,), the logarithms of ``FEATURES``; labels 0 (benign) and 1 (malignant).
        96 patients in the source, 24 for validation; clinic B's are halved into training and test.

    Raises
    ------
    ValueError
        If an argument is unfit.

    References
    ----------
    Street, Wolberg and Mangasarian, Nuclear feature extraction for breast tumor diagnosis, 1993;
    the data are those of ``sklearn.datasets.load_breast_cancer``.
    """
    check_seed(seed)
    check_positive(scale, "scale")
    if isinstance(selection, bool) or not np.isfinite(selection):
        raise ValueError(f"selection: got {selection!r}, want a finite number")
    if prevalence is not None and not 0 < check_probability(prevalence, "prevalence") < 1:
        raise ValueError(f"prevalence: got {prevalence!r}, want a number between 0 and 1")
    X, y = measurements()
    rng = generator("cytology", seed)
    order = rng.permutation(len(y))
    first = round(SHARE * len(y))
    seen = _selected(X[order[:first]], selection, rng)
    A = order[:first][seen]
    B, B_test = _halves(_with_prevalence(order[first:], y, prevalence, rng), y, rng)
    enlarged = np.log([scale, 1, 1, 1, 1])
    held = N_SOURCE // 5
    return Task(
        "cytology",
        seed=seed,
        options={"selection": selection, "prevalence": prevalence, "scale": scale},
        source=Domain("clinic A", X[A[held:]], y[A[held:]], CLASSES),
        validation=Domain("clinic A, validation", X[A[:held]], y[A[:held]], CLASSES),
        target_train=(X[B] + enlarged, y[B]),
        target_test=(X[B_test] + enlarged, y[B_test]),
        classes=CLASSES,
        recipe=load_again,
    )


@lru_cache(maxsize=1)
def measurements() -> tuple[np.ndarray, np.ndarray]:
    """Return the logarithms of ``FEATURES`` of all patients, (569, 5), and who is malignant."""
    from sklearn.datasets import load_breast_cancer

    cells = load_breast_cancer()
    names = list(cells.feature_names)
    columns = [names.index(name) for name in FEATURES]
    return np.log(cells.data[:, columns]), 1 - cells.target.astype(np.int64)


def selection_odds(X: np.ndarray, selection: float) -> np.ndarray:
    """Return e^(s z) of the standardized log radius: how much sooner clinic A sees a patient."""
    radius = measurements()[0][:, 0]
    return np.exp(selection * (X[:, 0] - radius.mean()) / radius.std())


def _selected(X: np.ndarray, selection: float, rng: np.random.Generator) -> np.ndarray:
    p = selection_odds(X, selection)
    return rng.choice(len(X), N_SOURCE, replace=False, p=p / p.sum())


def _with_prevalence(
    rows: np.ndarray, y: np.ndarray, prevalence: float | None, rng: np.random.Generator
) -> np.ndarray:
    """Leave out patients of one class at random until the share is right."""
    if prevalence is None:
        return rows
    ill, well = rows[y[rows] == 1], rows[y[rows] == 0]
    n = min(len(ill) / prevalence, len(well) / (1 - prevalence))
    k = max(2, round(n * prevalence))
    return np.concatenate([ill[:k], well[: max(2, round(n) - k)]])


def _halves(
    rows: np.ndarray, y: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return two halves with the same share of each class, give or take one."""
    parts = [np.array_split(rng.permutation(rows[y[rows] == c]), 2) for c in (0, 1)]
    first, second = (rng.permutation(np.concatenate(half)) for half in zip(*parts, strict=True))
    return first, second
