"""A transfer problem, described by what is known before any training."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any, get_args

from tlbook._base.checks import check_choice
from tlbook.course.ch03_taxonomy.taxonomy.vocabulary import (
    Access,
    Goal,
    Labels,
    Likeness,
    Overlap,
    TaskChange,
)

CHOICES: dict[str, tuple[Any, ...]] = {
    "source_labels": get_args(Labels),
    "target_labels": get_args(Labels),
    "task": get_args(TaskChange),
    "features": get_args(Likeness),
    "inputs": get_args(Likeness),
    "access": get_args(Access),
    "overlap": get_args(Overlap),
    "goal": get_args(Goal),
    "target_inputs": (True, False),
    "label_shift": (False, True),
    "descriptions": (False, True),
    "pairs": (False, True),
}
"""The possible answers to each question."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    r"""What is known about a source :math:`(\mathcal D_S, \mathcal T_S)` and a target.

    A domain is :math:`\mathcal D = \{\mathcal X, P(X)\}`, a task
    :math:`\mathcal T = \{\mathcal Y, P(Y \mid X)\}` (Pan & Yang 2010).

    Parameters
    ----------
    source_labels, target_labels : {"none", "few", "many"}
        Labels at hand when the model is trained. "few": too few to learn the task from alone. Pairs
        of an input and a text about it count as labels. With ``access="model"``:
        the labels that the model was trained on.
    task : {"same", "other classes", "other meaning"}
        "other classes": another label space. "other meaning": the same label names, but inputs
        are labeled by another rule, so that P(Y|X) differs beyond what the class shares explain.
        Of a source without labels: whether its inputs show the target's classes.
    features : {"same", "different"}
        Whether one model can read the inputs of both.
    inputs : {"same", "different"}
        Whether P(X) is the same. If you do not know: chapter 08 has a test.
    access : {"data", "model"}
        Whether the source's examples are at hand, or only a model that was trained on them.
    overlap : {"unknown", "yes", "no"}
        Whether the source has inputs wherever the target has some.
    goal : {"target", "both"}
        Whether one model is to serve the target only, or source and target.
    target_inputs : bool
        Whether unlabeled target inputs are at hand when the model is trained.
    label_shift : bool
        Whether the class shares P(Y) are known to differ while each class looks the same, P(X|Y).
    descriptions : bool
        Whether the target's classes are described by something other than labeled examples:
        attributes, a sentence, a drawing.
    pairs : bool
        Whether examples are known in both feature spaces at once, such as captioned pictures.
        Matters only where ``features`` differ.

    Raises
    ------
    ValueError
        If a value is none of those listed. Contradictions between them are found by ``decide``.
    """

    source_labels: Labels = "many"
    target_labels: Labels = "none"
    task: TaskChange = "same"
    features: Likeness = "same"
    inputs: Likeness = "different"
    access: Access = "data"
    overlap: Overlap = "unknown"
    goal: Goal = "target"
    target_inputs: bool = True
    label_shift: bool = False
    descriptions: bool = False
    pairs: bool = False

    def __post_init__(self) -> None:
        for name, options in CHOICES.items():
            value = getattr(self, name)
            if isinstance(options[0], bool) and not isinstance(value, bool):
                raise ValueError(f"{name}: got {value!r}, want True or False")
            check_choice(value, name, options)

    def changed(self, **changes: Any) -> Problem:
        """Return the same problem with some answers changed."""
        known = [field.name for field in fields(self)]
        for name in changes:
            check_choice(name, "changes", known)
        return replace(self, **changes)

    @property
    def same_task(self) -> bool:
        """Whether label space and P(Y|X) are the same."""
        return self.task == "same"

    @property
    def same_domain(self) -> bool:
        """Whether feature space and P(X) are the same."""
        return self.features == "same" and self.inputs == "same"

    @property
    def labeled_source(self) -> bool:
        """Whether the source has any labels."""
        return self.source_labels != "none"

    @property
    def labeled_target(self) -> bool:
        """Whether the target has any labels."""
        return self.target_labels != "none"


def every_problem() -> list[Problem]:
    """Return every description that can be written down, contradictory ones too (20,736)."""
    return [
        Problem(**dict(zip(CHOICES, answers, strict=True)))
        for answers in product(*CHOICES.values())
    ]
