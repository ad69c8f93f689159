"""Exercises of chapter 03: place situations, write the definitions, describe, pick methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from tlbook.course.ch03_taxonomy.taxonomy import decide
from tlbook.course.exercises.checkers import Probe, Wrong
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import matching, subset

# -- q1: place the situations ---------------------------------------------------------------------

REASONS = {
    ("photos to X-rays", "transductive"): "The label space is another one (things, diagnoses), so "
    "the task differs, and the X-rays have labels. That the pictures differ too changes nothing.",
    ("news to films", "transductive"): "Topics and sentiments are two label spaces: the task "
    "changes. Transductive transfer keeps the task.",
    ("pictures to labels", "unsupervised"): "Only the source has no labels; the target does. That "
    "is self-taught learning, a case of inductive transfer.",
    ("day to night", "inductive"): "The answers and their meaning stay, and the target has no "
    "labels: same task, other domain.",
    ("day to night", "unsupervised"): "The target has no labels, but the source does.",
    ("zebras by description", "unsupervised"): "The source has labels, and a description takes the "
    "place of the target's.",
    ("zebras by description", "transductive"): "A zebra is a new class: the task is another one.",
    ("zebras by description", "inductive"): "Inductive transfer has labeled target examples; of "
    "zebras there is not one, only a description.",
    ("vectors to groups", "inductive"): "There is no label anywhere, neither in the source nor in "
    "the target.",
    ("a second batch", "transductive"): "Same task and same P(X): nothing differs, so nothing has "
    "to be transferred.",
    ("", ""): "Ask two things: is the label space the same, and where are the labels?",
}

q1 = matching(
    "q1",
    "Place each story: inductive, transductive, unsupervised, zero-shot, or none (no transfer).",
    {
        "photos to X-rays": "inductive",
        "news to films": "inductive",
        "pictures to labels": "inductive",
        "day to night": "transductive",
        "zebras by description": "zero-shot",
        "vectors to groups": "unsupervised",
        "a second batch": "none",
    },
    ("inductive", "transductive", "unsupervised", "zero-shot", "none"),
    REASONS,
    hints=(
        "First the task: does the target have the same answers with the same meaning?",
        "Then the labels: a target with labels and another task is inductive, whatever the source "
        "looks like and whether it has labels or not.",
        "One story has no difference at all, one has a description in the place of labels.",
    ),
)

# -- q2: the definitions as a function ------------------------------------------------------------

CASES = list(product((True, False), repeat=4))


def setting(same_task, same_domain, source_labels, target_labels):
    """Return Pan and Yang's setting, "none" without a difference, "other" outside their table."""
    if same_task and same_domain:
        return "none"
    if target_labels and (not same_task or not source_labels):
        return "inductive"
    if same_task and source_labels and not target_labels:
        return "transductive"
    if not source_labels and not target_labels:
        return "unsupervised"
    return "other"


def _variant(change: Callable[[tuple, str], str]) -> Callable[..., str]:
    return lambda *given: change(given, setting(*given))


_BY_DOMAIN = _variant(lambda g, right: "other" if right == "inductive" and not g[1] else right)
_NEEDS_SOURCE = _variant(lambda g, right: "other" if right == "inductive" and not g[2] else right)
_ANY_TASK = _variant(lambda g, right: "transductive" if not g[1] and g[2] and not g[3] else right)
_NO_DIFFERENCE = _variant(
    lambda g, right: (
        right
        if right != "none"
        else "transductive"
        if g[2] and not g[3]
        else "inductive"
        if g[3]
        else "unsupervised"
    )
)
_HALF_UNSUPERVISED = _variant(
    lambda g, right: "unsupervised" if right == "inductive" and not g[2] else right
)


def _first_difference(given: list[Any], want: list[str]) -> str:
    wrong = [i for i in range(len(CASES)) if given[i] != want[i]]
    names = ("same_task", "same_domain", "source_labels", "target_labels")
    case = ", ".join(f"{n}={v}" for n, v in zip(names, CASES[wrong[0]], strict=True))
    return (
        f"setting({case}) is {given[wrong[0]]!r}; by the definitions it is {want[wrong[0]]!r}. "
        f"{len(wrong)} of the 16 cases differ."
    )


q2 = Exercise(
    "q2",
    "Write setting(same_task, same_domain, source_labels, target_labels), four truth values "
    "(target inputs are at hand): return 'none', 'inductive', 'transductive', 'unsupervised', or "
    "'other' for what Pan and Yang's table does not name.",
    setting,
    mistakes={
        "You ask the domains of inductive transfer to agree. They may differ or not.": _BY_DOMAIN,
        "A source without labels and a target with labels is self-taught learning: inductive. "
        "Unsupervised means no labels in either.": _HALF_UNSUPERVISED,
        "Inductive transfer does not need source labels: think of self-taught.": _NEEDS_SOURCE,
        "Transductive transfer keeps the task. With another task it is no domain shift.": _ANY_TASK,
        "Same task and same domain: nothing to transfer, whatever the labels.": _NO_DIFFERENCE,
    },
    probes=[
        Probe(
            "setting",
            lambda answer: [answer(*case) for case in CASES],
            otherwise=_first_difference,
        )
    ],
    hints=(
        "Begin with 'none': nothing differs.",
        "Target labels and another task: inductive. Target labels and no source labels: too.",
        "Source labels only: the task decides between transductive and other. No labels at all: "
        "unsupervised. What remains is other.",
    ),
)

# -- q3: describe a problem so that it has a given setting ----------------------------------------

DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "zero-shot learning": {"task": "other classes", "descriptions": True},
    "self-taught learning": {"source_labels": "none", "target_labels": "few"},
    "source-free domain adaptation": {"access": "model"},
    "multi-task learning": {"task": "other classes", "target_labels": "few", "goal": "both"},
}
# Typical mistakes: the wanted setting, and a description that has another one.
ANOTHER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("zero-shot learning", {"task": "other classes", "target_labels": "many"}),
    ("zero-shot learning", {"task": "other classes"}),
    ("self-taught learning", {"source_labels": "none"}),
    (
        "source-free domain adaptation",
        {"access": "model", "task": "other classes", "target_labels": "few"},
    ),
    ("multi-task learning", {"task": "other classes", "goal": "both"}),
)


def _fault(name: str, description: Any) -> str:
    """Return what is wrong with a description of this setting, or nothing."""
    if not isinstance(description, Mapping):
        return f"{name}: give its answers as a dict, such as {{'task': 'same'}}."
    try:
        found = decide(**description)
    except (TypeError, ValueError) as error:
        return f"{name}: {error}"
    if found.setting == name:
        return ""
    return f"{name}: your description is {found.setting}. {found.reason}"


def _check_descriptions(answer: Any) -> None:
    if not isinstance(answer, Mapping) or set(answer) != set(DESCRIPTIONS):
        keys = ", ".join(map(repr, DESCRIPTIONS))
        raise Wrong(f"Answer with a dict that has these keys: {keys}.")
    for name in DESCRIPTIONS:
        if fault := _fault(name, answer[name]):
            raise Wrong(fault)


q3 = Exercise(
    "q3",
    "Describe a problem for each setting, as answers that taxonomy.decide takes: zero-shot "
    "learning, self-taught learning, source-free domain adaptation, multi-task learning.",
    DESCRIPTIONS,
    mistakes={_fault(name, wrong): {**DESCRIPTIONS, name: wrong} for name, wrong in ANOTHER},
    check=_check_descriptions,
    hints=(
        "The start (no answer given): labels in the source only, same task, another P(X).",
        "Zero-shot: new classes and something in the place of their labels. Self-taught: no "
        "labels in the source, some in the target.",
        "Source-free: access='model'. Multi-task: another task, labels in both, goal='both'.",
    ),
)

# -- q4: pick the methods -------------------------------------------------------------------------

WHY = {
    "self-training": "It needs the model and the new pictures, nothing else.",
    "normalization with target statistics": "It recomputes BatchNorm's statistics on the new "
    "pictures; no label and no old picture is used.",
    "source model as it is": "The yardstick: without it you do not know what adapting gained.",
    "importance weights": "they weight the old pictures, and these stay in the first hospital.",
    "alignment of given features": "it compares old and new pictures; the old ones are not there.",
    "fine-tuning": "there is no label in the new hospital to fine-tune on.",
    "multi-task training": "there is one task, and neither old pictures nor new labels.",
    "recognition by description": "the diagnoses are the old ones; nothing has to be described.",
}

q4 = subset(
    "q4",
    "A hospital gives you its trained network but no patient's picture. Yours has another scanner, "
    "10,000 pictures, the same diagnoses, no labels. Which of the eight fit?",
    {"self-training", "normalization with target statistics", "source model as it is"},
    WHY,
    hints=(
        "What do you have? A model and unlabeled target inputs. The task is the same.",
        "Cross out what needs the old pictures, then what needs new labels.",
    ),
)
