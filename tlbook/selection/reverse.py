"""Reverse validation: send the answers back, and see whether they still explain the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlbook._base.checks import check_labels
from tlbook._base.named import named
from tlbook.domains import Task


@named
def reversed_task(task: Task, answers: Any) -> Task:
    """Return the way back: the target with a network's answers as labels → the source.

    The unlabeled target rows, labeled by the answers, are the new source; the source rows are the
    new unlabeled target; the source's validation part is the new test part. No target label is
    involved.

    Parameters
    ----------
    task : Task
    answers : array of shape (n_target,)
        Labels that the adapted network gives to ``task.target.X``.

    Raises
    ------
    ValueError
        If there is not one answer for each unlabeled target row.
    """
    if not isinstance(task, Task):
        raise ValueError(f"task: got {type(task).__name__}, want a Task")
    X = task.target.X
    labels = check_labels(answers, len(X), "answers")
    held = task.validation
    return Task.from_arrays(
        source=(X, labels),
        validation=(X, labels),
        target_train=(task.source.X, task.source.y),
        target_test=(held.X, held.y),
        name=f"{task.name}, reversed",
        classes=task.classes,
        seed=task.seed,
    )


@named
def reverse_risk(task: Task, answers: Any, adapt: Callable[[Task], Callable[[Any], Any]]) -> float:
    r"""Return the source error of a network trained on the target's pseudo-labels.

    .. math:: \hat R_\text{rev} = \frac1n \sum_i [\hat f_\text{rev}(x_i) \ne y_i]

    over the source's validation rows, where the reverse network is made by the same method with
    the same settings from (target, answers) to the unlabeled source. Good answers let it find the
    way back; but an alignment that swaps two classes can swap them back, and is forgiven.

    Parameters
    ----------
    task : Task
    answers : array of shape (n_target,)
    adapt : function
        Takes a task, returns ``predict``.

    Raises
    ------
    ValueError
        If there is not one answer for each unlabeled target row.

    References
    ----------
    Zhong, Fan, Yang, Verscheure and Ren, Cross validation framework to choose amongst models and
    datasets for transfer learning, ECML 2010; Ganin et al., Domain-adversarial training of neural
    networks, JMLR 2016.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from tlbook import data
    >>> from tlbook.selection import reverse_risk
    >>> def adapt(task):  # any method: from a task to a classifier of target rows
    ...     return LogisticRegression().fit(task.source.X, task.source.y).predict
    >>> task = data.load("toy", kind="moons", angle=150)  # nearly upside down
    >>> answers = adapt(task)(task.target.X)
    >>> reverse_risk(task, answers, adapt) < 0.3, task.looks  # looks fine, and costs no look
    (True, 0)
    >>> task.score(adapt(task)) < 0.3  # the classes are exchanged, and back on the way back
    True
    """
    back = reversed_task(task, answers)
    return 1.0 - back.score(adapt(back))
