"""The one training loop of the course, and prediction with a trained network."""

from tlbook.training.checkpoint import CheckpointError, Checkpoints
from tlbook.training.device import choose_device, choose_precision
from tlbook.training.early_stopping import EarlyStopping
from tlbook.training.fit import fit
from tlbook.training.history import Divergence, History
from tlbook.training.launch import launch
from tlbook.training.loop import plain_loop
from tlbook.training.memory import OutOfMemory
from tlbook.training.predict import predict, predictor
from tlbook.training.processes import World, join
from tlbook.training.rate_finder import RateCurve, find_rate
from tlbook.training.report import Report, report
from tlbook.training.sharded import ShardedCheckpoints
from tlbook.training.throughput import Meter, matrix_rate, step_flops

__all__ = [
    "CheckpointError",
    "Checkpoints",
    "Divergence",
    "EarlyStopping",
    "History",
    "Meter",
    "OutOfMemory",
    "RateCurve",
    "Report",
    "ShardedCheckpoints",
    "World",
    "choose_device",
    "choose_precision",
    "find_rate",
    "fit",
    "join",
    "launch",
    "matrix_rate",
    "plain_loop",
    "predict",
    "predictor",
    "report",
    "step_flops",
]
