"""Exercises of chapter 03: place, describe, pick methods, change an experiment, repair, read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from tlbook.course.ch03_taxonomy.taxonomy import decide
from tlbook.course.exercises.checkers import Probe, Wrong, kind, number, same
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice, matching, subset

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

# -- q2: describe a problem so that it has a given setting ----------------------------------------

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


q2 = Exercise(
    "q2",
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

# -- q3: pick the methods -------------------------------------------------------------------------

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

q3 = subset(
    "q3",
    "A hospital gives you its trained network but no patient's picture. Yours has another scanner, "
    "10,000 pictures, the same diagnoses, no labels. Which of the eight fit?",
    {"self-training", "normalization with target statistics", "source model as it is"},
    WHY,
    hints=(
        "What do you have? A model and unlabeled target inputs. The task is the same.",
        "Cross out what needs the old pictures, then what needs new labels.",
    ),
)

# -- q4: change the experiment --------------------------------------------------------------------

TWO_SHARED, ALL_SHARED = 0.05, 0.23
"""Mean gains over the chapter's 16 seeds (a test computes them again)."""
GAIN_TOLERANCE = 0.1


def _check_gain(answer: Any) -> None:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Wrong(f"Give the mean and True or False, not {kind(answer)}.")
    mean, crosses = answer
    if isinstance(mean, (int, float)) and abs(mean - ALL_SHARED) < 0.05:
        raise Wrong("That is the gain with all three directions. Run groups(s, shared=2).")
    number(mean, TWO_SHARED, tolerance=GAIN_TOLERANCE, what="the mean gain")
    if not same(crosses, True, 0.0):
        raise Wrong(
            "The mean is right. Look at the interval again: where it has values below and above "
            "zero, it contains zero."
        )


q4 = Exercise(
    "q4",
    "What does the source gain with two of three directions shared, in Rand index, and does the "
    "interval contain zero?",
    (TWO_SHARED, True),
    mistakes={
        "That is the gain with all three directions. Run groups(s, shared=2).": (ALL_SHARED, True),
        "The mean is right. Look at the interval again: where it has values below and above "
        "zero, it contains zero.": (TWO_SHARED, False),
    },
    check=_check_gain,
    hints=(
        "pd.DataFrame([groups(s, 2) for s in seeds]) has a column for each way.",
        "The gain of a seed is the source's components minus the own components.",
        "paired_test(with_source, own) prints the mean, the interval and n.",
    ),
    because="From 16 seeds; yours may differ by a few hundredths on another machine.",
)

# -- q5: choose and defend ------------------------------------------------------------------------

q5 = choice(
    "q5",
    "Which single step do you ask for first?",
    "label thirty target pictures and grade the classifier on them",
    {
        "a stronger alignment": "The domains already look alike. Alignment changes inputs, and "
        "nothing shows that the inputs are the problem.",
        "a calibration of the confidence on the source": "It makes the confidence right on the "
        "source. In experiment 4 the rule was another one, and no confidence could tell.",
        "a larger source": "More printed digits say nothing about what handwriting's labels mean.",
        "another seed": "It shows how much the number scatters, not which question it answers.",
    },
    hints=(
        "What did the label-free numbers of experiment 4 say, and what was the accuracy?",
        "Only target labels can show which question the target asks.",
    ),
)

# -- q6: repair the script ------------------------------------------------------------------------


def possible(same_task, source_data, model, target_inputs, target_labels):
    """Say for three methods whether they are possible."""
    return {
        "importance weights": same_task and source_data and target_inputs,
        "self-training": same_task and model and target_inputs,
        "fine-tuning": model and target_labels,
    }


def _changed(**lines: Any) -> Any:
    def wrong(same_task, source_data, model, target_inputs, target_labels):
        given = (same_task, source_data, model, target_inputs, target_labels)
        return possible(*given) | {k.replace("_", " "): f(*given) for k, f in lines.items()}

    return wrong


def _self(line: Any) -> Any:
    return _changed(**{"self-training": line})


def _answers(method: str) -> Probe:
    cases = list(product((True, False), repeat=5))
    return Probe(method, lambda answer: [bool(answer(*case)[method]) for case in cases])


q6 = Exercise(
    "q6",
    "Repair possible(same_task, source_data, model, target_inputs, target_labels): which of three "
    "methods are possible? Return a dict of truth values.",
    possible,
    mistakes={
        "Importance weights keep the source's labels: if the task is another one, they weight "
        "answers to another question.": _changed(importance_weights=lambda s, d, m, i, t: d and i),
        "Self-training makes its labels itself. It needs no target label.": _self(
            lambda s, d, m, i, t: s and m and i and t
        ),
        "Self-training trusts the model's own answers: these must be answers to the same "
        "task.": _self(lambda s, d, m, i, t: m and i),
        "Self-training still asks for target labels, and does not ask for the same task.": _self(
            lambda s, d, m, i, t: m and i and t
        ),
        "Fine-tuning was right: it may learn another task, if the target has labels.": _changed(
            **{"fine-tuning": lambda s, d, m, i, t: s and m and t}
        ),
    },
    probes=[_answers(m) for m in ("importance weights", "self-training", "fine-tuning")],
    hints=(
        "Ask of each method: where do the labels come from that it learns from?",
        "Weights take the source's labels, self-training the model's answers. Both need the same "
        "task. Only one of the three needs target labels.",
    ),
)

# -- q7: read the figure --------------------------------------------------------------------------

q7 = choice(
    "q7",
    "Which statement does the figure of experiment 1 support?",
    "with ten labels per digit the probe is ahead of training from scratch for every seed",
    {
        "pretrained features are always better than training from scratch": "The figure has one "
        "task, one network and ten labels per digit. It cannot say always.",
        "the network has learned what a digit is": "It shows accuracies, not what they come from. "
        "Some letters look like digits.",
        "the probe gains most over training from scratch": "Read the rows again: the gain over "
        "scratch is the smallest of the three.",
        "pixels are useless for digits": "The row shows how far the probe is ahead of pixels, "
        "not that pixels are at chance.",
    },
    hints=(
        "Each dot is one seed. On which side of zero are they?",
        "A figure supports what it shows: these methods, this task, this number of labels.",
    ),
)
