"""The one training loop of the course, and prediction with a trained network."""

from tlbook.training.checkpoint import CheckpointError, Checkpoints
from tlbook.training.device import choose_device, choose_precision
from tlbook.training.early_stopping import EarlyStopping
from tlbook.training.fit import fit
from tlbook.training.history import Divergence, History
from tlbook.training.launch import launch
from tlbook.training.memory import OutOfMemory
from tlbook.training.predict import predict, predictor
from tlbook.training.processes import World, join

__all__ = [
    "CheckpointError",
    "Checkpoints",
    "Divergence",
    "EarlyStopping",
    "History",
    "OutOfMemory",
    "World",
    "choose_device",
    "choose_precision",
    "fit",
    "join",
    "launch",
    "predict",
    "predictor",
]
