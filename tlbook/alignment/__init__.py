"""Alignment without an adversary: distances, entropy, one's own answers (chapter 11)."""

from tlbook.alignment.adabn import adabn
from tlbook.alignment.coral import DeepCORAL
from tlbook.alignment.entropy import Entropy, InformationMaximization
from tlbook.alignment.jmmd import JMMD
from tlbook.alignment.kernels import joint_mmd2, weighted_mmd2
from tlbook.alignment.label_shift import ReweightedMMD, class_mix, reweighted_mmd
from tlbook.alignment.mean_teacher import MeanTeacher
from tlbook.alignment.mmd import MMD
from tlbook.alignment.probabilities import probabilities
from tlbook.alignment.self_training import Round, SelfTrained, confident_rows, self_train
from tlbook.alignment.shot import centroid_labels, shot
from tlbook.alignment.tent import TestTime, normalization_parameters, tent

__all__ = [
    "JMMD",
    "MMD",
    "DeepCORAL",
    "Entropy",
    "InformationMaximization",
    "MeanTeacher",
    "ReweightedMMD",
    "Round",
    "SelfTrained",
    "TestTime",
    "adabn",
    "centroid_labels",
    "class_mix",
    "confident_rows",
    "joint_mmd2",
    "normalization_parameters",
    "probabilities",
    "reweighted_mmd",
    "self_train",
    "shot",
    "tent",
    "weighted_mmd2",
]
