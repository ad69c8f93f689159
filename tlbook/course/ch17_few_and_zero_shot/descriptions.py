"""Ten ways to say what the six topics of ``docstrings`` are, written down before any was scored.

Four come from chapter 15. The other six put the same six subjects into another sentence each.
"""

from __future__ import annotations

from tlbook.course.ch15_bert_practice.descriptions import WORDINGS as FOUR

SUBJECTS = {
    "signal": "signal processing",
    "linear algebra": "linear algebra",
    "optimization": "optimization",
    "random": "random numbers",
    "sparse": "sparse matrices",
    "special functions": "special mathematical functions",
}

SENTENCES = {
    "documentation": "The documentation of a function for {}.",
    "topic": "Topic: {}",
    "question": "Which functions are there for {}?",
    "category": "A Python function, category {}.",
    "wish": "I want to work with {}.",
    "textbook": "A chapter of a textbook on {}.",
}

WORDINGS: dict[str, dict[str, str]] = FOUR | {
    name: {topic: sentence.format(subject) for topic, subject in SUBJECTS.items()}
    for name, sentence in SENTENCES.items()
}
"""From wording to topic to description."""

MAIN = "full sentence"
"""The wording that chapter 15 fixed; all that follows is compared with it."""
