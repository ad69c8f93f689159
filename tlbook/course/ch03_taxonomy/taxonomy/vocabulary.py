"""The words in which a problem is described."""

from typing import Literal

Labels = Literal["none", "few", "many"]
TaskChange = Literal["same", "other classes", "other meaning"]
Likeness = Literal["same", "different"]
Access = Literal["data", "model"]
Overlap = Literal["unknown", "yes", "no"]
Goal = Literal["target", "both"]
Family = Literal["no transfer", "inductive", "transductive", "unsupervised", "outside the three"]
Kind = Literal["baseline", "instance", "feature", "parameter", "relation"]

QUESTIONS: dict[str, str] = {
    "source_labels": "labels in the source",
    "target_labels": "labels in the target",
    "task": "task",
    "features": "feature space",
    "inputs": "P(X)",
    "access": "access to the source",
    "overlap": "source inputs wherever the target has some",
    "goal": "model wanted for",
    "target_inputs": "unlabeled target inputs",
    "label_shift": "only the class shares moved",
    "descriptions": "descriptions of the target's classes",
    "pairs": "pairs across the feature spaces",
}


def said(name: str, value: object) -> str:
    """Return an answer in words: ``said("inputs", "same") == "P(X): same"``."""
    words = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    return f"{QUESTIONS[name]}: {words}"
