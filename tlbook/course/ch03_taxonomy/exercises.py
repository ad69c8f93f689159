"""Exercises of chapter 03: place situations, write the definitions, describe, pick methods."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from tlbook.course.ch03_taxonomy.taxonomy import decide
from tlbook.course.exercises.checkers import subset
from tlbook.course.exercises.core import Exercise, Wrong

# -- q1: place the situations ---------------------------------------------------------------------

PLACES = ("inductive", "transductive", "unsupervised", "zero-shot", "none")
RIGHT = {
    "photos to X-rays": "inductive",
    "news to films": "inductive",
    "pictures to labels": "inductive",
    "day to night": "transductive",
    "zebras by description": "zero-shot",
    "vectors to groups": "unsupervised",
    "a second batch": "none",
}
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
}


def _check_places(answer: Any) -> None:
    if not isinstance(answer, dict) or set(answer) != set(RIGHT):
        raise Wrong(f"Answer with a dict that has these keys: {', '.join(map(repr, RIGHT))}.")
    for story, right in RIGHT.items():
        given = str(answer[story]).strip().lower()
        if given not in PLACES:
            raise Wrong(f"{answer[story]!r} is none of the options {', '.join(PLACES)}.")
        if given != right:
            general = "Ask two things: is the label space the same, and where are the labels?"
            raise Wrong(f"{story}: not {given}. {REASONS.get((story, given), general)}")


q1 = Exercise(
    "q1",
    "Place each story: inductive, transductive, unsupervised, zero-shot, or none (no transfer).",
    _check_places,
    hints=(
        "First the task: does the target have the same answers with the same meaning?",
        "Then the labels: a target with labels and another task is inductive, whatever the source "
        "looks like and whether it has labels or not.",
        "One story has no difference at all, one has a description in the place of labels.",
    ),
    solution="""
    answer = {
        "photos to X-rays": "inductive",
        "news to films": "inductive",
        "pictures to labels": "inductive",
        "day to night": "transductive",
        "zebras by description": "zero-shot",
        "vectors to groups": "unsupervised",
        "a second batch": "none",
    }
    """,
    reference=RIGHT,
    wrong_answers={
        "looks decide": (RIGHT | {"photos to X-rays": "transductive"}, "things, diagnoses"),
        "news is the same task": (RIGHT | {"news to films": "transductive"}, "two label spaces"),
        "self-taught is unsupervised": (
            RIGHT | {"pictures to labels": "unsupervised"},
            "self-taught learning",
        ),
        "no target labels, so unsupervised": (
            RIGHT | {"day to night": "unsupervised"},
            "but the source does",
        ),
        "a zebra is an old class": (
            RIGHT | {"zebras by description": "transductive"},
            "a new class",
        ),
        "everything is transfer": (RIGHT | {"a second batch": "transductive"}, "nothing differs"),
        "a key is missing": ({"day to night": "transductive"}, "has these keys"),
    },
)

# -- q2: the definitions as a function ------------------------------------------------------------


def setting(same_task: bool, same_domain: bool, source_labels: bool, target_labels: bool) -> str:
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
MISTAKES = (
    (_BY_DOMAIN, "You ask the domains of inductive transfer to agree. They may differ or not."),
    (
        _HALF_UNSUPERVISED,
        "A source without labels and a target with labels is self-taught learning: inductive. "
        "Unsupervised means no labels in either.",
    ),
    (_NEEDS_SOURCE, "Inductive transfer does not need source labels: think of self-taught."),
    (_ANY_TASK, "Transductive transfer keeps the task. With another task it is no domain shift."),
    (_NO_DIFFERENCE, "Same task and same domain: nothing to transfer, whatever the labels."),
)


def _check_setting(answer: Any) -> None:
    cases = list(product((True, False), repeat=4))
    given = {case: answer(*case) for case in cases}
    wrong = [case for case in cases if given[case] != setting(*case)]
    if not wrong:
        return
    for mistake, words in MISTAKES:
        if all(given[case] == mistake(*case) for case in cases):
            raise Wrong(words)
    names = ("same_task", "same_domain", "source_labels", "target_labels")
    case = ", ".join(f"{n}={v}" for n, v in zip(names, wrong[0], strict=True))
    raise Wrong(
        f"setting({case}) is {given[wrong[0]]!r}; by the definitions it is "
        f"{setting(*wrong[0])!r}. {len(wrong)} of the 16 cases differ."
    )


q2 = Exercise(
    "q2",
    "Write setting(same_task, same_domain, source_labels, target_labels), four truth values "
    "(target inputs are at hand): return 'none', 'inductive', 'transductive', 'unsupervised', or "
    "'other' for what Pan and Yang's table does not name.",
    _check_setting,
    hints=(
        "Begin with 'none': nothing differs.",
        "Target labels and another task: inductive. Target labels and no source labels: too.",
        "Source labels only: the task decides between transductive and other. No labels at all: "
        "unsupervised. What remains is other.",
    ),
    solution="""
    def answer(same_task, same_domain, source_labels, target_labels):
        if same_task and same_domain:
            return "none"
        if target_labels and (not same_task or not source_labels):
            return "inductive"
        if same_task and source_labels and not target_labels:
            return "transductive"
        if not source_labels and not target_labels:
            return "unsupervised"
        return "other"
    """,
    reference=setting,
    wrong_answers={
        "same domain for inductive": (_BY_DOMAIN, "They may differ or not"),
        "source labels for inductive": (_NEEDS_SOURCE, "does not need source labels"),
        "transductive with another task": (_ANY_TASK, "keeps the task"),
        "transfer without difference": (_NO_DIFFERENCE, "nothing to transfer"),
        "self-taught is unsupervised": (_HALF_UNSUPERVISED, "no labels in either"),
        "always inductive": (lambda *given: "inductive", "of the 16 cases"),
    },
)

# -- q3: describe a problem so that it has a given setting ----------------------------------------

WANTED = ("zero-shot learning", "self-taught learning", "source-free domain adaptation",
          "multi-task learning")  # fmt: skip
DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "zero-shot learning": {"task": "other classes", "descriptions": True},
    "self-taught learning": {"source_labels": "none", "target_labels": "few"},
    "source-free domain adaptation": {"access": "model"},
    "multi-task learning": {"task": "other classes", "target_labels": "few", "goal": "both"},
}


def _check_descriptions(answer: Any) -> None:
    if not isinstance(answer, dict) or set(answer) != set(WANTED):
        raise Wrong(f"Answer with a dict that has these keys: {', '.join(map(repr, WANTED))}.")
    for name in WANTED:
        if not isinstance(answer[name], dict):
            raise Wrong(f"{name}: give its answers as a dict, such as {{'task': 'same'}}.")
        try:
            found = decide(**answer[name])
        except (TypeError, ValueError) as error:
            raise Wrong(f"{name}: {error}") from None
        if found.setting != name:
            raise Wrong(f"{name}: your description is {found.setting}. {found.reason}")


q3 = Exercise(
    "q3",
    "Describe a problem for each setting, as answers that taxonomy.decide takes: zero-shot "
    "learning, self-taught learning, source-free domain adaptation, multi-task learning.",
    _check_descriptions,
    hints=(
        "The start (no answer given): labels in the source only, same task, another P(X).",
        "Zero-shot: new classes and something in the place of their labels. Self-taught: no "
        "labels in the source, some in the target.",
        "Source-free: access='model'. Multi-task: another task, labels in both, goal='both'.",
    ),
    solution="""
    answer = {
        "zero-shot learning": {"task": "other classes", "descriptions": True},
        "self-taught learning": {"source_labels": "none", "target_labels": "few"},
        "source-free domain adaptation": {"access": "model"},
        "multi-task learning": {"task": "other classes", "target_labels": "few", "goal": "both"},
    }
    """,
    reference=DESCRIPTIONS,
    wrong_answers={
        "zero-shot needs many examples": (
            DESCRIPTIONS
            | {"zero-shot learning": {"task": "other classes", "target_labels": "many"}},
            "your description is inductive transfer",
        ),
        "zero-shot without descriptions": (
            DESCRIPTIONS | {"zero-shot learning": {"task": "other classes"}},
            "novel class discovery",
        ),
        "self-taught without any labels": (
            DESCRIPTIONS | {"self-taught learning": {"source_labels": "none"}},
            "unsupervised transfer",
        ),
        "source-free with other classes": (
            DESCRIPTIONS
            | {
                "source-free domain adaptation": {
                    "access": "model",
                    "task": "other classes",
                    "target_labels": "few",
                }
            },
            "source-free domain adaptation: your description is inductive transfer",
        ),
        "two tasks, one without labels": (
            DESCRIPTIONS | {"multi-task learning": {"task": "other classes", "goal": "both"}},
            "the second one needs labels",
        ),
        "not a dict": (DESCRIPTIONS | {"zero-shot learning": "descriptions"}, "as a dict"),
        "a key is missing": ({"zero-shot learning": {}}, "has these keys"),
    },
)

# -- q4: pick the methods -------------------------------------------------------------------------

FITTING = {"self-training", "normalization with target statistics", "source model as it is"}
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


def _check_methods(answer: Any) -> None:
    subset(answer, FITTING, WHY)


q4 = Exercise(
    "q4",
    "A hospital gives you its trained network but no patient's picture. Yours has another scanner, "
    "10,000 pictures, the same diagnoses, no labels. Which of the eight fit?",
    _check_methods,
    hints=(
        "What do you have? A model and unlabeled target inputs. The task is the same.",
        "Cross out what needs the old pictures, then what needs new labels.",
    ),
    solution="""
    answer = {
        "self-training", "normalization with target statistics", "source model as it is",
    }
    """,
    reference=FITTING,
    wrong_answers={
        "weights": (FITTING | {"importance weights"}, "weight the old pictures"),
        "fine-tuning": (FITTING | {"fine-tuning"}, "no label in the new hospital"),
        "alignment": (FITTING | {"alignment of given features"}, "the old ones are not there"),
        "no yardstick": (FITTING - {"source model as it is"}, "yardstick"),
        "only the newest": ({"self-training", "source model as it is"}, "BatchNorm's statistics"),
        "one text": ("self-training", "Answer with a set"),
    },
)
