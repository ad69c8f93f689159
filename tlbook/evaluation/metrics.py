"""How good are the answers, and how good is the transfer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_labels
from tlbook._base.named import named


def _pair(y: Any, yhat: Any) -> tuple[np.ndarray, np.ndarray]:
    truth = check_labels(y, None, "y", min_classes=0)
    if len(truth) == 0:
        raise ValueError("y: got 0 labels, want at least 1")
    return truth, check_labels(yhat, len(truth), "yhat")


@named
def accuracy(y: Any, yhat: Any) -> float:
    """Return the fraction of right answers, in [0, 1].

    Parameters
    ----------
    y, yhat : arrays of shape (n,)
        True labels and answers.

    Raises
    ------
    ValueError
        If the arrays are empty, not one-dimensional, or differ in length.

    Examples
    --------
    >>> from tlbook.evaluation import accuracy
    >>> accuracy([0, 1, 2, 2], [0, 1, 2, 1])
    0.75
    """
    truth, answer = _pair(y, yhat)
    return float(np.mean(truth == answer))


@named
def confusion_matrix(y: Any, yhat: Any, labels: Any = None) -> np.ndarray:
    """Return counts of shape (classes, classes); row = true class, column = answer.

    Parameters
    ----------
    y, yhat : arrays of shape (n,)
        True labels and answers.
    labels : sequence, optional
        Order of the classes; by default every label that occurs, sorted.

    Raises
    ------
    ValueError
        If the arrays do not fit, or ``labels`` misses a label that occurs.

    See Also
    --------
    tlbook.plots.confusion : draws it.

    Examples
    --------
    >>> from tlbook.evaluation import confusion_matrix
    >>> truth, answers = ["cat", "dog", "dog", "dog"], ["cat", "dog", "cat", "dog"]
    >>> confusion_matrix(truth, answers)  # row: the truth, column: the answer
    array([[1, 0],
           [1, 2]])
    """
    from sklearn import metrics

    truth, answer = _pair(y, yhat)
    if labels is not None:
        missing = np.setdiff1d(np.union1d(truth, answer), np.asarray(labels))
        if len(missing):
            raise ValueError(f"labels: got no entry for {missing.tolist()}, want every label")
    return metrics.confusion_matrix(truth, answer, labels=labels)


@named
def per_class_recall(y: Any, yhat: Any, labels: Any = None) -> np.ndarray:
    """Return for each class the fraction of its members that was found, shape (classes,).

    ``recall[c] = #{answer = c and truth = c} / #{truth = c}``; NaN for a class that never occurs
    in ``y``. Parameters as in :func:`confusion_matrix`.
    """
    counts = confusion_matrix(y, yhat, labels)
    members = counts.sum(axis=1)
    recall = np.full(len(counts), np.nan)
    return np.divide(np.diag(counts), members, out=recall, where=members > 0)


@named
def transfer_loss(transfer_error: Any, in_domain_error: Any) -> np.ndarray:
    """Return what transfer costs in error rate against training on the target itself.

    ``t(S, T) = e(S, T) − e_b(T, T)``, where e(S, T) is the *transfer error*: the error on the
    target T of a model trained on the source S, and e_b(T, T) the error of the baseline that was
    trained on labeled data of T. Negative values mean that transfer beats the baseline.

    Parameters
    ----------
    transfer_error, in_domain_error : arrays of shape (pairs,) or numbers
        Error rates in [0, 1], one for each pair of domains; one number is used for all pairs.

    References
    ----------
    Glorot, Bordes, Bengio, "Domain adaptation for large-scale sentiment classification: a deep
    learning approach", ICML 2011, section 4.1.
    """
    transfer, baseline = _errors(transfer_error, in_domain_error)
    return transfer - baseline


@named
def transfer_ratio(transfer_error: Any, in_domain_error: Any) -> float:
    """Return the transfer ratio Q: how many times the in-domain error transfer makes.

    ``Q = (1/n) Σ e(S, T) / e_b(T, T)`` over the n pairs (S, T), S ≠ T, with e and e_b as in
    :func:`transfer_loss`. It is a mean of ratios, not a ratio of means: every pair counts the
    same, also when one target is much harder than another. Q = 1 means that transfer costs
    nothing; above 1 it makes more errors than the baseline with target labels, below 1 fewer.

    Parameters
    ----------
    transfer_error, in_domain_error : arrays of shape (pairs,) or numbers
        Error rates (1 − accuracy) in [0, 1].

    Raises
    ------
    ValueError
        If an in-domain error is 0 (the ratio does not exist), or values lie outside [0, 1].

    References
    ----------
    Glorot, Bordes, Bengio, ICML 2011, section 4.1.
    """
    transfer, baseline = _errors(transfer_error, in_domain_error)
    if (baseline == 0).any():
        raise ValueError("in_domain_error: got 0, want errors above 0 (use transfer_loss instead)")
    return float(np.mean(transfer / baseline))


def _errors(transfer_error: Any, in_domain_error: Any) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for values, name in (
        (transfer_error, "transfer_error"),
        (in_domain_error, "in_domain_error"),
    ):
        array = np.atleast_1d(check_array(values, name, ndim=(0, 1), min_rows=0)).astype(float)
        if len(array) == 0:
            raise ValueError(f"{name}: got no values, want at least one error rate")
        if array.min() < 0 or array.max() > 1:
            raise ValueError(
                f"{name}: got values from {array.min():g} to {array.max():g}, "
                "want error rates in [0, 1]"
            )
        arrays.append(array)
    transfer, baseline = arrays
    if len(baseline) not in (1, len(transfer)):
        raise ValueError(
            f"in_domain_error: got {len(baseline)} values, want {len(transfer)}, one per pair"
        )
    return transfer, np.broadcast_to(baseline, transfer.shape)
