"""Transfer of relations: class relations as soft targets, relational distillation, analogy (07)."""

from tlbook.relations.analogy import Analogies, analogy, analogy_accuracy
from tlbook.relations.check import RelationCheck, check_relation
from tlbook.relations.choose import HeldOut, held_out_gain
from tlbook.relations.linear import SoftProbe, related_examples, relation_probe, soft_probe
from tlbook.relations.matrices import (
    class_profiles,
    permuted,
    profile_similarity,
    soften,
    stated_profiles,
)
from tlbook.relations.rkd import RKDAngle, RKDDistance, rkd_angle, rkd_distance
from tlbook.relations.targets import RelationalTargets, smoothed_targets

__all__ = [
    "Analogies",
    "HeldOut",
    "RKDAngle",
    "RKDDistance",
    "RelationCheck",
    "RelationalTargets",
    "SoftProbe",
    "analogy",
    "analogy_accuracy",
    "check_relation",
    "class_profiles",
    "held_out_gain",
    "permuted",
    "profile_similarity",
    "related_examples",
    "relation_probe",
    "rkd_angle",
    "rkd_distance",
    "smoothed_targets",
    "soft_probe",
    "soften",
    "stated_profiles",
]
