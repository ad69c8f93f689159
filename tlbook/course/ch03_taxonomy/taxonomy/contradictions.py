"""Descriptions that cannot be: statements that exclude each other, and problems without a hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tlbook.course.ch03_taxonomy.taxonomy.problem import Problem
from tlbook.course.ch03_taxonomy.taxonomy.vocabulary import said


class Contradiction(ValueError):
    """The description is impossible. ``fields`` names the answers that clash, ``why`` says why."""

    def __init__(self, problem: Problem, fields: tuple[str, ...], why: str) -> None:
        self.problem, self.fields, self.why = problem, fields, why
        got = "; ".join(self.statements)
        super().__init__(f"{', '.join(fields)}: got {got}, which cannot be together. {why}")

    def __reduce__(self) -> tuple:
        return Contradiction, (self.problem, self.fields, self.why)

    @property
    def statements(self) -> tuple[str, ...]:
        """The clashing answers in words."""
        return tuple(said(name, getattr(self.problem, name)) for name in self.fields)


@dataclass(frozen=True)
class Rule:
    """Answers that clash, when they do, and why."""

    fields: tuple[str, ...]
    clash: Callable[[Problem], bool]
    why: str


def _no_bridge(p: Problem) -> bool:
    """Two feature spaces, and nothing that says what in one belongs to what in the other."""
    by_labels = p.labeled_target and (p.labeled_source or p.access == "model")
    by_shape = p.same_task and p.labeled_source and p.access == "data" and p.target_inputs
    return p.features == "different" and not (p.pairs or by_labels or by_shape)


RULES: tuple[Rule, ...] = (
    Rule(
        ("features", "inputs"),
        lambda p: p.features == "different" and p.inputs == "same",
        "P(X) lives on the feature space: two feature spaces cannot carry the same P(X).",
    ),
    Rule(
        ("features", "overlap"),
        lambda p: p.features == "different" and p.overlap != "unknown",
        "Overlap compares inputs of one feature space: answer unknown where there are two.",
    ),
    Rule(
        ("inputs", "overlap"),
        lambda p: p.inputs == "same" and p.overlap == "no",
        "With the same P(X) the source has inputs exactly where the target has some.",
    ),
    Rule(
        ("label_shift", "task"),
        lambda p: p.label_shift and not p.same_task,
        "Label shift compares the shares of the same classes, each looking the same in both.",
    ),
    Rule(
        ("label_shift", "features"),
        lambda p: p.label_shift and p.features == "different",
        "A class cannot look the same, P(X|Y), in two feature spaces.",
    ),
    Rule(
        ("label_shift", "inputs"),
        lambda p: p.label_shift and p.inputs == "same",
        "P(X) mixes the classes by their shares: other shares of the same P(X|Y) give another P(X)"
        " (unless the class densities are linearly dependent, and then no data show the shares).",
    ),
    Rule(
        ("label_shift", "overlap"),
        lambda p: p.label_shift and p.overlap == "no",
        "If each class looks the same, every target input could have come from the source.",
    ),
    Rule(
        ("task", "source_labels"),
        lambda p: p.task == "other meaning" and not p.labeled_source,
        "Without labels the source gives its inputs no meaning that could differ.",
    ),
    Rule(
        ("goal", "target_labels", "task"),
        lambda p: p.goal == "both" and not p.same_task and not p.labeled_target,
        "A model for both tasks has to be taught both: the second one needs labels.",
    ),
    Rule(
        ("goal", "source_labels", "task"),
        lambda p: p.goal == "both" and not p.same_task and not p.labeled_source,
        "A source without labels has no task that a model could serve.",
    ),
    Rule(
        ("source_labels", "target_labels", "target_inputs"),
        lambda p: not (p.labeled_source or p.labeled_target or p.target_inputs),
        "No label anywhere and no target input: nothing says what the target is.",
    ),
    Rule(
        ("features", "pairs", "target_inputs", "target_labels"),
        lambda p: (
            p.features == "different" and p.pairs and not (p.target_inputs or p.labeled_target)
        ),
        "Each pair contains a target input, so there are target inputs.",
    ),
    Rule(
        ("task", "target_labels", "descriptions"),
        lambda p: p.task == "other meaning" and not p.labeled_target and not p.descriptions,
        "Only labels or descriptions can say what the new meaning is; inputs alone cannot "
        "(chapter 02, section 6).",
    ),
    Rule(
        ("task", "target_labels", "descriptions", "target_inputs"),
        lambda p: (
            p.task == "other classes"
            and not (p.labeled_target or p.descriptions or p.target_inputs)
        ),
        "Nothing is known of the new classes: no label, no description, not even an input.",
    ),
    Rule(
        ("features", "pairs", "source_labels", "target_labels", "task", "access", "target_inputs"),
        _no_bridge,
        "Nothing says what in one feature space belongs to what in the other. It takes pairs, or "
        "target labels with a labeled source or a model, or, for the same task with source data, "
        "unlabeled target inputs whose geometry can be compared.",
    ),
)


def check(problem: Problem) -> None:
    """Raise :class:`Contradiction` for the first rule that the description breaks."""
    for rule in RULES:
        if rule.clash(problem):
            raise Contradiction(problem, rule.fields, rule.why)
