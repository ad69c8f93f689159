"""The decision tree: questions in a fixed order, a setting at each end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tlbook.course.ch03_taxonomy.taxonomy.problem import Problem


@dataclass(frozen=True)
class Question:
    """A question, how a problem answers it, and where each answer leads."""

    text: str
    ask: Callable[[Problem], str]
    branches: dict[str, Question | str]


@dataclass(frozen=True)
class Step:
    """One question on the way, with the answer that was given."""

    question: str
    answer: str


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _source_labels(yes: Question | str, no: Question | str) -> Question:
    return Question(
        "labels in the source?", lambda p: _yes(p.labeled_source), {"yes": yes, "no": no}
    )


def _target_labels(yes: Question | str, no: Question | str) -> Question:
    return Question(
        "labels in the target?", lambda p: _yes(p.labeled_target), {"yes": yes, "no": no}
    )


def _access(data: str, model: str) -> Question:
    return Question("source data or a model?", lambda p: p.access, {"data": data, "model": model})


ONE_DOMAIN = _source_labels(
    yes="supervised learning",
    no=_target_labels(yes="semi-supervised learning", no="unsupervised learning"),
)
TWO_DOMAINS = _source_labels(
    yes=_target_labels(
        yes="supervised domain adaptation",
        no=Question(
            "any target inputs?",
            lambda p: _yes(p.target_inputs),
            {
                "yes": _access("domain adaptation", "source-free domain adaptation"),
                "no": "domain generalization",
            },
        ),
    ),
    no=_target_labels(yes="self-taught learning", no="unsupervised transfer"),
)
OTHER_TASK = _target_labels(
    yes=_source_labels(
        yes=Question(
            "one model for both?",
            lambda p: _yes(p.goal == "both"),
            {
                "no": "inductive transfer",
                "yes": _access("multi-task learning", "learning without forgetting"),
            },
        ),
        no="self-taught learning",
    ),
    no=_source_labels(
        yes=Question(
            "classes described?",
            lambda p: _yes(p.descriptions),
            {"yes": "zero-shot learning", "no": "novel class discovery"},
        ),
        no="unsupervised transfer",
    ),
)
TREE = Question(
    "same feature space?",
    lambda p: _yes(p.features == "same"),
    {
        "yes": Question(
            "same task?",
            lambda p: _yes(p.same_task),
            {
                "yes": Question(
                    "same P(X)?",
                    lambda p: _yes(p.inputs == "same"),
                    {"yes": ONE_DOMAIN, "no": TWO_DOMAINS},
                ),
                "no": OTHER_TASK,
            },
        ),
        "no": "heterogeneous transfer",
    },
)


def walk(problem: Problem) -> tuple[tuple[Step, ...], str]:
    """Return the questions on the way with their answers, and the setting at the end."""
    node: Question | str = TREE
    steps = []
    while isinstance(node, Question):
        answer = node.ask(problem)
        steps.append(Step(node.text, answer))
        node = node.branches[answer]
    return tuple(steps), node


def paths(node: Question | str = TREE) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Yield every way through the tree with the setting at its end, from top to bottom."""
    if isinstance(node, str):
        yield (), node
        return
    for answer, branch in node.branches.items():
        for steps, end in paths(branch):
            yield (Step(node.text, answer), *steps), end
