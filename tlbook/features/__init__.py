"""Features that two domains share: aligned, projected, transported, or taken from a network.

Every aligner of chapter 05 is fitted with ``fit(Xs, Xt, ys=None)`` on a source and an unlabeled
target and then maps rows of either domain, ``transform_source(X)`` and ``transform_target(X)``.
"""

from tlbook.features.adapted import AdaptedClassifier, source_accuracy, source_scorer
from tlbook.features.coral import CORAL
from tlbook.features.deep import DeepFeatures
from tlbook.features.gradual import gradual_self_training
from tlbook.features.jda import JDA
from tlbook.features.pca import PCA
from tlbook.features.subspace import SubspaceAlignment
from tlbook.features.tca import TCA
from tlbook.features.transport import OptimalTransport

__all__ = [
    "CORAL",
    "JDA",
    "PCA",
    "TCA",
    "AdaptedClassifier",
    "DeepFeatures",
    "OptimalTransport",
    "SubspaceAlignment",
    "gradual_self_training",
    "source_accuracy",
    "source_scorer",
]
