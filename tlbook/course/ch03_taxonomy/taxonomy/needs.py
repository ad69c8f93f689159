"""What a method may need of a problem, and what is said where it is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tlbook.course.ch03_taxonomy.taxonomy.problem import Problem


@dataclass(frozen=True)
class Need:
    """A condition on the problem, and the sentence for where it does not hold."""

    met: Callable[[Problem], bool]
    otherwise: str


SOURCE_DATA = Need(
    lambda p: p.access == "data", "It needs the source's examples; only a model is at hand."
)
SOURCE_LABELS = Need(lambda p: p.labeled_source, "It needs source labels; there are none.")
NO_SOURCE_LABELS = Need(
    lambda p: not p.labeled_source, "The source has labels: use what they teach."
)
TRAINED_SOURCE = Need(
    lambda p: p.labeled_source or p.access == "model",
    "It starts from a trained model; an unlabeled source has to teach features first.",
)
TARGET_LABELS = Need(lambda p: p.labeled_target, "It needs target labels; there are none.")
FEW_TARGET_LABELS = Need(
    lambda p: p.target_labels != "many",
    "It is meant for few target labels; with many each class speaks for itself.",
)
NO_TARGET_LABELS = Need(lambda p: not p.labeled_target, "There are target labels: use them.")
TARGET_INPUTS = Need(
    lambda p: p.target_inputs, "It needs unlabeled target inputs; none are at hand."
)
NO_TARGET_DATA = Need(
    lambda p: not p.target_inputs and not p.labeled_target,
    "There are target data: adapting to them is worth more than being robust in advance.",
)
SAME_TASK = Need(
    lambda p: p.same_task, "It assumes that the task is the same; the target's is another one."
)
OTHER_TASK = Need(
    lambda p: not p.same_task, "It is for two tasks; here there is only one, shared by both."
)
OTHER_CLASSES = Need(
    lambda p: p.task == "other classes", "It is for new classes; the label names are the same here."
)
SAME_CLASSES = Need(
    lambda p: p.task != "other classes",
    "It mixes the labels of both; the target's classes are not the source's.",
)
SAME_FEATURES = Need(
    lambda p: p.features == "same", "It needs one feature space; the target's is another one."
)
OTHER_FEATURES = Need(
    lambda p: p.features == "different", "No bridge is needed: the feature space is the same."
)
OTHER_INPUTS = Need(
    lambda p: p.inputs == "different", "P(X) is the same: there is no difference to remove."
)
OVERLAP = Need(
    lambda p: p.overlap != "no",
    "Weights can only raise source examples that exist; there are none where the target lies.",
)
NOT_ONLY_SHARES = Need(
    lambda p: not p.label_shift,
    "Only the class shares moved: making the inputs look alike would mix up the classes.",
)
LABEL_SHIFT = Need(
    lambda p: p.label_shift, "It assumes that only the class shares moved; that is not known here."
)
TARGET_ONLY = Need(
    lambda p: p.goal == "target",
    "It forgets the source's task, and one model is wanted for both.",
)
FOR_BOTH = Need(
    lambda p: p.goal == "both", "It protects the source's task, which nobody asks for here."
)
DESCRIPTIONS = Need(
    lambda p: p.descriptions, "It needs descriptions of the target's classes; there are none."
)
PAIRS = Need(lambda p: p.pairs, "It needs pairs across the feature spaces; there are none.")
NOT_ORDINARY = Need(
    lambda p: not (p.same_domain and p.same_task),
    "Source and target are one problem: what it would transfer is already there.",
)
MANY_SOURCE_LABELS = Need(
    lambda p: p.source_labels == "many",
    "It learns from many small tasks cut out of a large labeled source; this one is small.",
)
EXTRA_INPUTS = Need(
    lambda p: p.target_inputs or (p.same_domain and p.same_task and p.access == "data"),
    "It needs unlabeled inputs from the target's P(X); none are at hand.",
)
GROUPS_WANTED = Need(
    lambda p: not p.same_task or not p.labeled_source,
    "The source's labels already name the target's classes: classify instead of grouping.",
)

# What every adaptation from a labeled source to unlabeled target inputs asks for.
ONE_QUESTION = (SAME_FEATURES, SAME_TASK, SOURCE_LABELS)
ADAPTATION = (SAME_FEATURES, SAME_TASK, SOURCE_DATA, SOURCE_LABELS, TARGET_INPUTS)
REUSE = (SAME_FEATURES, NOT_ORDINARY, TRAINED_SOURCE, TARGET_LABELS)
