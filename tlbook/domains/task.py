"""A transfer task: a labeled source, an unlabeled target, and target labels under seal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_choice, check_inputs, check_labels, check_positive
from tlbook._base.named import named
from tlbook.domains.domain import Domain
from tlbook.domains.grading import Predict, answer_of, grade
from tlbook.domains.parts import check_parts
from tlbook.domains.refusals import refuse_scores, refuse_source_as_test
from tlbook.domains.report import Report
from tlbook.domains.seal import Pair, Seal, read_once

__all__ = ["Domain", "Report", "Task"]


class Task:
    """A transfer task with sealed target labels and counted looks.

    The only ways to a target label are :meth:`label` (a budget that you pay for),
    :meth:`score` and :meth:`report` (looks at the test part). Each call counts as one look.

    Parameters
    ----------
    name : str
        Name of the task.
    source, validation : Domain, optional
        Labeled source sample, and a separate labeled part of the source for choosing settings.
        Both are left out where the source is what a network was pretrained on.
    target_train, target_test : (X, y) or a function that returns (X, y)
        The target's training part (its ``X`` is ``task.target.X``, its labels are sold by
        :meth:`label`) and its test part. They share no row.
    classes : sequence of str, optional
        Names of the target classes; label ``c`` is called ``classes[c]``.
    seed, options : int, and dict, optional
        Seed of the splits and drawings, and options that the loader was called with.
    kind : {"classification", "regression"}
        In regression the labels are numbers and the score is the root mean squared error.
    recipe : function, optional
        ``recipe(name, seed, options)`` makes this task again: then it pickles as that call.
    provenance : str
        What the data were made from, where the options do not tell.

    Raises
    ------
    ValueError
        If arrays are empty, not finite, of different row shapes, or labels do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from tlbook.domains import Task
    >>> y = np.arange(600) % 2
    >>> X = np.random.default_rng(0).normal(size=(600, 2)) + 3 * y[:, None]
    >>> train, test = (X[200:400] + 1, y[200:400]), (X[400:] + 1, y[400:])
    >>> task = Task.from_arrays(source=(X[:200], y[:200]), target_train=train, target_test=test)
    >>> few, labels = task.label(5, seed=0)  # five labels per class: the first look
    >>> few.shape, np.bincount(labels).tolist()
    ((10, 2), [5, 5])
    >>> task.score(lambda X: (X.sum(axis=1) > 5).astype(int)) > 0.9  # the second
    True
    >>> task.looks
    2
    """

    @named
    def __init__(
        self,
        name: str,
        *,
        source: Domain | None = None,
        validation: Domain | None = None,
        target_train: Pair | Callable[[], Pair],
        target_test: Pair | Callable[[], Pair],
        classes: Sequence[str] | None = None,
        seed: int = 0,
        options: dict[str, Any] | None = None,
        kind: str = "classification",
        recipe: Callable[[str, int, dict[str, Any]], Task] | None = None,
        provenance: str = "",
    ) -> None:
        self.name = name
        self.seed = seed
        self.options = dict(options or {})
        self.kind = check_choice(kind, "kind", ("classification", "regression"))
        if (source is None) != (validation is None):
            raise ValueError("validation: got it without source or the reverse, want both or none")
        self._source = source
        self._validation = validation
        self._recipe = recipe
        self.provenance = provenance
        train = read_once(target_train, f"target_train of {name}")
        test = read_once(target_test, f"target_test of {name}")
        self._seal = Seal(train, test)
        self._classes = None if classes is None else tuple(classes)
        self.target = Domain.lazy(f"{name} (target)", lambda: (train()[0], None), classes)
        self._looks: list[str] = []

    @classmethod
    def from_arrays(
        cls,
        *,
        source: Pair,
        target_train: Pair,
        target_test: Pair,
        validation: Pair | None = None,
        name: str = "own data",
        classes: Sequence[str] | None = None,
        seed: int = 0,
        kind: str = "classification",
    ) -> Task:
        """Make a task from your own arrays.

        Parameters
        ----------
        source : (X, y)
            Labeled source; a fifth of it, drawn by ``seed``, becomes the validation part
            unless ``validation`` is given.
        target_train, target_test : (X, y)
            Target with labels; they are sealed.

        Raises
        ------
        ValueError
            If an array is empty, not finite, or its rows have another shape than the source's
            (heterogeneous transfer needs a mapping first); of classification, too, if the labels
            are of two types, source and target share no class, a class has no name, or the
            target's training rows are its test rows.
        """
        Xs = check_inputs(source[0], "source X", min_rows=2)
        ys = check_labels(source[1], len(Xs), "source y")
        if validation is None:
            order = np.random.default_rng(seed).permutation(len(Xs))
            held = order[: max(1, len(Xs) // 5)]
            kept = order[len(held) :]
            validation = (Xs[held], ys[held])
            Xs, ys = Xs[kept], ys[kept]
        check_parts((Xs, ys), target_train, target_test, classes, kind)
        refuse_source_as_test(source[0], target_test[0])
        return cls(
            name,
            source=Domain(f"{name} (source)", Xs, ys),
            validation=Domain(f"{name} (validation)", *validation),
            target_train=target_train,
            target_test=target_test,
            classes=classes,
            seed=seed,
            kind=kind,
        )

    # -- what is free -------------------------------------------------------------------------

    @property
    def has_source(self) -> bool:
        """Whether there are source rows; without, the source is what a network learned from."""
        return self._source is not None

    @property
    def source(self) -> Domain:
        """Labeled source sample; ``ValueError`` where the task has no source rows."""
        return self._part(self._source, "source")

    @property
    def validation(self) -> Domain:
        """Labeled part of the source for choosing settings; ``ValueError`` without source rows."""
        return self._part(self._validation, "validation")

    def _part(self, domain: Domain | None, name: str) -> Domain:
        if domain is None:
            raise ValueError(
                f"{name}: the task {self.name!r} has no source rows, its source is what a network "
                "was pretrained on; learn from task.label(k), or take a task with a source"
            )
        return domain

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the target classes (the label space is public, the labels are not)."""
        if self.kind == "regression":
            return ()
        if self._classes is None:
            labels = np.union1d(self._seal.train()[1], self._seal.test()[1])
            self._classes = tuple(str(c) for c in labels)
        return self._classes

    @property
    def looks(self) -> int:
        """How often target labels were asked for so far."""
        return len(self._looks)

    @property
    def look_log(self) -> tuple[str, ...]:
        """One line for each look, in order."""
        return tuple(self._looks)

    # -- what counts as a look ------------------------------------------------------------------

    def label(self, k: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Buy ``k`` labels per class from the target's training part.

        For one seed a larger budget contains the smaller ones, as when labeling goes on.

        Parameters
        ----------
        k : int
            Labels per class (in regression: labels in all).
        seed : int
            Which rows are drawn.

        Returns
        -------
        X, y : arrays of shape (k · classes, ...) and (k · classes,)

        Raises
        ------
        ValueError
            If ``k`` is not a positive integer or a class has fewer rows.
        """
        check_positive(k, "k", integer=True)
        X, y = self._seal.train()
        rng = np.random.default_rng([seed, 0x1ABE1])
        groups = [np.arange(len(y))]
        if self.kind == "classification":
            groups = [np.flatnonzero(y == c) for c in np.unique(y)]
        smallest = min(map(len, groups))
        if k > smallest:
            raise ValueError(f"k: got {k}, want at most {smallest}, the size of the smallest class")
        chosen = np.concatenate([rng.permutation(group)[:k] for group in groups])
        chosen = rng.permutation(chosen)
        self._looks.append(f"label: {k} per class, seed {seed}")
        return X[chosen], y[chosen]

    def score(self, predict: Predict) -> float:
        """Return the accuracy of ``predict`` on the target's test part (one look).

        Parameters
        ----------
        predict : function, or an estimator with a method ``predict``
            Takes inputs of shape (n, ...) and returns n labels of the type of the task's own.

        Returns
        -------
        float
            Fraction of right answers in [0, 1]; in regression the root mean squared error.
        """
        y, answer = self._answer(predict)
        refuse_scores(y, answer, self.kind)
        self._looks.append("score: test part")
        return grade(y, answer, self.kind)

    def report(self, predict: Predict) -> Report:
        """Return accuracy, recall, confusion and the wrong inputs on the test part (one look)."""
        if self.kind == "regression":
            raise ValueError("report: got a regression task, want classification (use score)")
        y, answer = self._answer(predict)
        refuse_scores(y, answer, self.kind)
        self._looks.append("report: test part")
        labels = np.union1d(self._seal.train()[1], np.union1d(y, answer))
        rows, columns = np.searchsorted(labels, y), np.searchsorted(labels, answer)
        confusion = np.zeros((len(labels), len(labels)), dtype=int)
        np.add.at(confusion, (rows, columns), 1)
        with np.errstate(invalid="ignore"):
            recall = np.diag(confusion) / confusion.sum(axis=1)
        wrong = np.flatnonzero(y != answer)
        return Report(
            accuracy=grade(y, answer, self.kind),
            recall=recall,
            confusion=confusion,
            wrong=wrong,
            images=self._seal.test()[0][wrong],
            truth=y[wrong],
            predicted=answer[wrong],
            classes=self.classes,
        )

    def _answer(self, predict: Predict) -> tuple[np.ndarray, np.ndarray]:
        X, y = self._seal.test()
        return y, answer_of(predict, X.copy(), y)

    # -- how it shows and travels -----------------------------------------------------------------

    def __repr__(self) -> str:
        looks = "look" if self.looks == 1 else "looks"
        return f"Task({self.name!r}, seed={self.seed}, target labels sealed, {self.looks} {looks})"

    def __reduce__(self) -> Any:
        if self._recipe is None:
            raise TypeError(
                f"task {self.name!r} was made from arrays: pickling it would unseal its labels; "
                "save the arrays instead"
            )
        return self._recipe, (self.name, self.seed, self.options)
