"""The catalogue of methods: what each transfers, what it needs, which chapter teaches it."""

from __future__ import annotations

from tlbook.course.ch03_taxonomy.taxonomy import needs as n
from tlbook.course.ch03_taxonomy.taxonomy.method import Method

_BASELINES = (
    Method(
        "target alone",
        "baseline",
        "The yardstick: whatever is transferred has to beat it.",
        (n.TARGET_LABELS,),
        ("01",),
    ),
    Method(
        "source model as it is",
        "baseline",
        "The yardstick of every adaptation, and often hard to beat.",
        n.ONE_QUESTION,
        ("02",),
    ),
    Method(
        "pooled training",
        "baseline",
        "One task: train on the labels of both together, the plainest way to use them.",
        (*n.ONE_QUESTION, n.TARGET_LABELS, n.SOURCE_DATA),
        ("02",),
    ),
    Method(
        "semi-supervised learning",
        "baseline",
        "Unlabeled inputs from the target's own P(X) stretch its few labels.",
        (n.TARGET_LABELS, n.FEW_TARGET_LABELS, n.EXTRA_INPUTS),
        ("11",),
    ),
    Method(
        "clustering of the target alone",
        "baseline",
        "The yardstick where nothing has labels: groups found in the raw inputs.",
        (n.NO_TARGET_LABELS, n.TARGET_INPUTS, n.GROUPS_WANTED),
        ("03",),
    ),
    Method(
        "robust training",
        "baseline",
        "Augmentation and several source domains prepare for inputs not yet seen.",
        (*n.ONE_QUESTION, n.NOT_ORDINARY, n.SOURCE_DATA, n.NO_TARGET_DATA),
        ("02", "16"),
    ),
)
_INSTANCES = (
    Method(
        "importance weights",
        "instance",
        "Source examples count as much as the target's P(X) says; it repairs covariate shift.",
        (*n.ADAPTATION, n.OTHER_INPUTS, n.OVERLAP, n.NOT_ONLY_SHARES),
        ("04",),
    ),
    Method(
        "selection of similar examples",
        "instance",
        "Weights of 0 and 1: keeps the source examples that look like the target's.",
        (*n.ADAPTATION, n.OTHER_INPUTS, n.OVERLAP, n.NOT_ONLY_SHARES),
        ("04",),
    ),
    Method(
        "label-shift correction, BBSE",
        "instance",
        "The shares of the predicted classes and the source's confusions tell the new shares.",
        (n.LABEL_SHIFT, *n.ADAPTATION),
        ("04",),
    ),
    Method(
        "label-shift correction, EM",
        "instance",
        "Re-estimates the class shares from a calibrated model's answers alone.",
        (n.LABEL_SHIFT, *n.ONE_QUESTION, n.TARGET_INPUTS),
        ("04",),
    ),
    Method(
        "TrAdaBoost",
        "instance",
        "Target labels show which source examples mislead; boosting turns these down.",
        (
            n.SAME_FEATURES,
            n.SAME_CLASSES,
            n.NOT_ORDINARY,
            n.SOURCE_DATA,
            n.SOURCE_LABELS,
            n.TARGET_LABELS,
            n.TARGET_ONLY,
        ),
        ("04",),
    ),
)
_ALIGNMENT = (*n.ADAPTATION, n.OTHER_INPUTS, n.NOT_ONLY_SHARES)
_FEATURES = (
    Method(
        "alignment of given features",
        "feature",
        "CORAL, TCA, subspaces or optimal transport make the two P(X) comparable.",
        _ALIGNMENT,
        ("05",),
    ),
    Method(
        "learned domain-invariant features",
        "feature",
        "A network learns features in which a distance (MMD) or an adversary sees no difference.",
        _ALIGNMENT,
        ("10", "11"),
    ),
    Method(
        "frozen features + new head",
        "feature",
        "The source's features stay, only a small head is learned: the fewest labels.",
        n.REUSE,
        ("05", "06"),
    ),
    Method(
        "features from unlabeled source",
        "feature",
        "Dictionary learning, autoencoders or contrast find features that labels then use.",
        (n.SAME_FEATURES, n.NOT_ORDINARY, n.NO_SOURCE_LABELS, n.SOURCE_DATA),
        ("03", "17"),
    ),
    Method(
        "clustering in transferred features",
        "feature",
        "Groups the target's inputs where the source's features put like near like.",
        (n.SAME_FEATURES, n.NOT_ORDINARY, n.NO_TARGET_LABELS, n.TARGET_INPUTS, n.GROUPS_WANTED),
        ("03",),
    ),
    Method(
        "common space from pairs",
        "feature",
        "Pairs show what belongs together; canonical correlation or contrast learns the map.",
        (n.OTHER_FEATURES, n.PAIRS),
        ("19b",),
    ),
    Method(
        "matching of geometries",
        "feature",
        "Gromov-Wasserstein compares distances inside each space, so none across is needed.",
        (
            n.OTHER_FEATURES,
            n.SAME_TASK,
            n.SOURCE_DATA,
            n.SOURCE_LABELS,
            n.TARGET_INPUTS,
        ),
        ("05",),
    ),
)
_PARAMETERS = (
    Method(
        "fine-tuning",
        "parameter",
        "The source's weights are the start, and how far they may go is up to you.",
        (*n.REUSE, n.TARGET_ONLY),
        ("06",),
    ),
    Method(
        "multi-task training",
        "parameter",
        "A shared trunk learns what both tasks need, each has its own head.",
        (n.SAME_FEATURES, n.OTHER_TASK, n.SOURCE_DATA, n.SOURCE_LABELS, n.TARGET_LABELS),
        ("06",),
    ),
    Method(
        "distillation from the old model",
        "parameter",
        "The old model's answers on the target's inputs keep its task alive in the new one.",
        (n.SAME_FEATURES, n.OTHER_TASK, n.SOURCE_LABELS, n.TARGET_LABELS, n.FOR_BOTH),
        ("06",),
    ),
    Method(
        "normalization with target statistics",
        "parameter",
        "AdaBN replaces BatchNorm's source statistics by the target's: no label, no training.",
        (*n.ONE_QUESTION, n.TARGET_INPUTS, n.OTHER_INPUTS, n.NOT_ONLY_SHARES),
        ("11",),
    ),
    Method(
        "self-training",
        "parameter",
        "The model's own confident answers on the target become its labels.",
        (*n.ONE_QUESTION, n.TARGET_INPUTS, n.OTHER_INPUTS),
        ("05", "11"),
    ),
    Method(
        "adapter before the model",
        "parameter",
        "A small trained layer turns target inputs into what the source's model can read.",
        (n.OTHER_FEATURES, n.TRAINED_SOURCE, n.TARGET_LABELS),
        ("06",),
    ),
)
_RELATIONS = (
    Method(
        "recognition by description",
        "relation",
        "What descriptions have to do with inputs is learned on the source's classes.",
        (n.SAME_FEATURES, n.OTHER_TASK, n.DESCRIPTIONS, n.SOURCE_LABELS, n.FEW_TARGET_LABELS),
        ("17", "07"),
    ),
    Method(
        "class relations as soft targets",
        "relation",
        "Which classes resemble each other is known before the few labels arrive.",
        (
            n.SAME_FEATURES,
            n.NOT_ORDINARY,
            n.SOURCE_LABELS,
            n.TARGET_LABELS,
            n.FEW_TARGET_LABELS,
        ),
        ("07",),
    ),
    Method(
        "relational distillation",
        "relation",
        "A new model keeps the distances and angles between examples that the old one saw.",
        n.REUSE,
        ("07",),
    ),
    Method(
        "few-shot learning from episodes",
        "relation",
        "The source's many classes rehearse the target's situation: new classes, few examples.",
        (
            n.SAME_FEATURES,
            n.OTHER_CLASSES,
            n.SOURCE_DATA,
            n.MANY_SOURCE_LABELS,
            n.TARGET_LABELS,
            n.FEW_TARGET_LABELS,
        ),
        ("17",),
    ),
)
METHODS: tuple[Method, ...] = (
    *_BASELINES,
    *_INSTANCES,
    *_FEATURES,
    *_PARAMETERS,
    *_RELATIONS,
)
