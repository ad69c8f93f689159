"""Fine-tuning: what to replace, what to freeze, what to cache, what to hold near (chapter 06)."""

from tlbook.finetuning.frozen import (
    Probe,
    cached_features,
    freeze,
    linear_probe,
    replace_head,
    unfreeze,
)

__all__ = [
    "Probe",
    "cached_features",
    "freeze",
    "linear_probe",
    "replace_head",
    "unfreeze",
]
