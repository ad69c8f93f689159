"""The one training loop of the course, and prediction with a trained network."""

from tlbook.training.device import choose_device, choose_precision
from tlbook.training.fit import fit
from tlbook.training.history import Divergence, History
from tlbook.training.predict import predict, predictor

__all__ = [
    "Divergence",
    "History",
    "choose_device",
    "choose_precision",
    "fit",
    "predict",
    "predictor",
]
