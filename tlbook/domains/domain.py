"""A domain: a feature space and a distribution on it, known through a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_inputs, check_labels
from tlbook._base.named import named


class Domain:
    """A sample of a domain: inputs ``X`` and, when they are known, labels ``y``.

    A domain is a feature space with a marginal distribution P(X); an array stands for it here.

    Parameters
    ----------
    name : str
        What the sample is called in tables and figures.
    X : array of shape (n, ...)
        Inputs, one row each. Images are float32 in [0, 1] of shape (n, channels, height, width);
        texts are str in an array of shape (n,).
    y : array of shape (n,), optional
        Labels. ``None`` for an unlabeled sample.
    classes : sequence of str, optional
        Names of the classes; class ``c`` of ``y`` is called ``classes[c]``.

    Raises
    ------
    ValueError
        If ``X`` is empty or not finite, a text is blank or no str, or ``y`` has another length.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.domains import Domain
    >>> X = np.random.default_rng(0).normal(size=(40, 3))
    >>> clinic = Domain("clinic A", X, np.arange(40) % 2, classes=("healthy", "ill"))
    >>> clinic
    Domain('clinic A', X (40, 3), 2 labels)
    >>> clinic.classes[clinic.y[1]]
    'ill'
    """

    @named
    def __init__(
        self, name: str, X: Any, y: Any = None, classes: Sequence[str] | None = None
    ) -> None:
        self.name = name
        self.classes = None if classes is None else tuple(classes)
        self._load: Callable[[], tuple[Any, Any]] | None = None
        self._X: np.ndarray | None = None
        self._y: np.ndarray | None = None
        self._fill(X, y)

    @classmethod
    def lazy(
        cls,
        name: str,
        load: Callable[[], tuple[Any, Any]],
        classes: Sequence[str] | None = None,
    ) -> Domain:
        """Return a domain whose arrays are made by ``load() -> (X, y)`` when first asked for."""
        domain = cls.__new__(cls)
        domain.name = name
        domain.classes = None if classes is None else tuple(classes)
        domain._load, domain._X, domain._y = load, None, None
        return domain

    def _fill(self, X: Any, y: Any) -> None:
        self._X = check_inputs(X, f"X of {self.name}")
        self._y = None if y is None else check_labels(y, len(self._X), f"y of {self.name}")

    def _ready(self) -> None:
        if self._load is not None:
            self._fill(*self._load())
            self._load = None

    @property
    def X(self) -> np.ndarray:
        """Inputs of shape (n, ...)."""
        self._ready()
        assert self._X is not None
        return self._X

    @property
    def y(self) -> np.ndarray | None:
        """Labels of shape (n,), or ``None``."""
        self._ready()
        return self._y

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        if self._load is not None:
            return f"Domain({self.name!r}, not rendered yet)"
        labels = "unlabeled" if self.y is None else f"{len(np.unique(self.y))} labels"
        return f"Domain({self.name!r}, X {self.X.shape}, {labels})"
