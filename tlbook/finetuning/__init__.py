"""Fine-tuning: what to replace, what to freeze, what to cache, what to hold near (chapter 06)."""

from tlbook.finetuning.averaging import interpolated
from tlbook.finetuning.cached_head import FeatureHead, head_on_features
from tlbook.finetuning.distillation import Distillation, soft_divergence
from tlbook.finetuning.drift import (
    feature_drift,
    forgetting,
    layer_drift,
    linear_cka,
    statistics_drift,
    weight_distance,
)
from tlbook.finetuning.frozen import (
    cached_features,
    freeze,
    replace_head,
    unfreeze,
)
from tlbook.finetuning.gradual import gradual_unfreezing
from tlbook.finetuning.groups import (
    ParameterGroups,
    parameter_groups,
    trainable_fraction,
    trainable_parameters,
)
from tlbook.finetuning.l2sp import L2SP
from tlbook.finetuning.layers import Layer, layers_of
from tlbook.finetuning.lora import lora, lora_merge
from tlbook.finetuning.lp_ft import LPFT, lp_ft
from tlbook.finetuning.multitask import (
    FirstTask,
    MultiHead,
    SecondTask,
    UncertaintyWeighting,
    task_head,
)
from tlbook.finetuning.probe import Probe, linear_probe

__all__ = [
    "L2SP",
    "LPFT",
    "Distillation",
    "FeatureHead",
    "FirstTask",
    "Layer",
    "MultiHead",
    "ParameterGroups",
    "Probe",
    "SecondTask",
    "UncertaintyWeighting",
    "cached_features",
    "feature_drift",
    "forgetting",
    "freeze",
    "gradual_unfreezing",
    "head_on_features",
    "interpolated",
    "layer_drift",
    "layers_of",
    "linear_cka",
    "linear_probe",
    "lora",
    "lora_merge",
    "lp_ft",
    "parameter_groups",
    "replace_head",
    "soft_divergence",
    "statistics_drift",
    "task_head",
    "trainable_fraction",
    "trainable_parameters",
    "unfreeze",
    "weight_distance",
]
