"""Joint distribution adaptation: TCA that also brings the classes together, by pseudo-labels."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import KNeighborsClassifier

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.features._kernel import KernelComponents, mean_difference
from tlbook.features._spaces import Space


class JDA(KernelComponents):
    r"""Joint distribution adaptation (联合分布适配): match the domains and each class.

    .. math:: \max_W \operatorname{tr}(W^\top K H K W) \quad\text{with}\quad
        W^\top \Big(I + \frac{\mu}{s^2} \sum_{c=0}^{C} K L_c K\Big) W = I

    :math:`L_0` compares the domains as in TCA; :math:`L_c = e_c e_c^\top` compares the
    source rows of class c with the target rows that are *taken for* class c. These pseudo-labels
    (伪标签) come from a classifier on the projected source and are renewed after every solution.
    The first solution has no pseudo-labels: it is TCA. Where its classifier confuses classes, the
    later ones may make that firm.

    Parameters
    ----------
    n_components, kernel, gamma, mu
        As in :class:`TCA`, and s too. The paper puts its λ on the length of W: its kernel form
        with λ is this problem with ``mu = s²/λ``, where the paper's :math:`L_c` are these.
    iterations : int
        Solutions at most; it ends before when the pseudo-labels stay the same.
    classifier : scikit-learn classifier, optional
        Gives the pseudo-labels; the nearest neighbor by default, as in the paper.

    Attributes
    ----------
    coefficients_, n_components_, eigenvalues_, scale_, gamma_, mean_, directions_
        As in :class:`TCA`.
    pseudo_labels_ : array of shape (m,)
        What the target rows were taken for in the end.
    changed_ : list of int
        How many pseudo-labels the second, third, … solution changed. A 0 at the end says that
        they stay the same, not that they are right.

    Raises
    ------
    ValueError
        If there are no source labels or fewer than two classes, or the inputs do not fit.

    Warns
    -----
    sklearn.exceptions.ConvergenceWarning
        If in the end no target row is taken for one of the source's classes. Either the target has
        none, or the classes collapsed into each other. Then scale each domain by its own
        statistics first (``preprocess_on`` of :class:`AdaptedClassifier`), or try another ``mu``.

    References
    ----------
    Long, Wang, Ding, Sun & Yu, Transfer feature learning with joint distribution adaptation,
    ICCV 2013.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from tlbook import data
    >>> from tlbook.features import JDA
    >>> task = data.load("toy", kind="moons", angle=40)
    >>> Xs, ys = task.source.X, task.source.y
    >>> jda = JDA(n_components=10, gamma=1.0).fit(Xs, task.target.X, ys)
    >>> plain = KNeighborsClassifier(1).fit(Xs, ys)
    >>> adapted = KNeighborsClassifier(1).fit(jda.transform_source(Xs), ys)
    >>> before = task.score(plain.predict)
    >>> task.score(lambda X: adapted.predict(jda.transform_target(X))) > before
    True
    """

    @named
    def __init__(
        self,
        n_components: int | None = None,
        kernel: str = "rbf",
        gamma: float | str = "median",
        mu: float = 1.0,
        iterations: int = 10,
        classifier: Any = None,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.mu = mu
        self.iterations = iterations
        self.classifier = classifier

    def fit(self, Xs: Any, Xt: Any, ys: Any = None) -> JDA:
        """Find the components of source (n, d) with labels (n,) and target (m, d)."""
        source, target, y = self._check_labeled_pair(Xs, Xt, ys)
        source, target = source.astype(np.float64), target.astype(np.float64)
        check_positive(self.iterations, "iterations", integer=True)
        space = self._begin(source, target)
        labels = None
        self.changed_: list[int] = []
        for _ in range(self.iterations):
            Z = self._solve(space, _differences(y, labels, len(target)))
            renewed = self._pseudo_labels(space, Z, y)
            if labels is not None:
                self.changed_.append(int((renewed != labels).sum()))
            labels = renewed
            if self.changed_ and self.changed_[-1] == 0:
                break
        self.pseudo_labels_ = labels
        _warn_of_lost_classes(y, labels)
        self._finish(space, Z, source, target)
        return self

    def _pseudo_labels(self, space: Space, Z: np.ndarray, y: np.ndarray) -> np.ndarray:
        start = KNeighborsClassifier(1) if self.classifier is None else clone(self.classifier)
        projected = space.project(Z)
        return start.fit(projected[: len(y)], y).predict(projected[len(y) :])


def _warn_of_lost_classes(y: np.ndarray, labels: Any) -> None:
    classes = np.unique(y)
    lost = np.setdiff1d(classes, labels)
    if len(lost):
        text = (
            f"JDA: no target row is taken for {len(lost)} of {len(classes)} classes "
            f"({', '.join(map(str, lost[:5]))}{', …' if len(lost) > 5 else ''}). "
            "If the target has them, they collapsed: scale each domain first, or try another mu"
        )
        warnings.warn(text, ConvergenceWarning, stacklevel=3)


def _differences(y: np.ndarray, labels: np.ndarray | None, m: int) -> np.ndarray:
    """Return one column per comparison: the domains, then every class found in both."""
    is_source = np.arange(len(y) + m) < len(y)
    columns = [mean_difference(is_source, ~is_source)]
    if labels is not None:
        of_class = np.concatenate([y, labels])
        for c in np.intersect1d(y, labels):
            mine = of_class == c
            columns.append(mean_difference(mine & is_source, mine & ~is_source))
    return np.concatenate(columns, axis=1)
