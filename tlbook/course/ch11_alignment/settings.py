"""The settings of the adaptation methods that won in the stored study ``adaptation_tuning``.

Chosen by agreement between training seeds on tasks that appear nowhere else, before the first score
of a target label; a test compares them with the stored table.
"""

from __future__ import annotations

from typing import Any

CHOSEN: dict[str, dict[str, Any]] = {
    "source only": {},
    "AdaBN": {},
    "MK-MMD": {"weight": 3.0},
    "JAN": {"weight": 1.0},
    "Deep CORAL": {"weight": 1.0},
    "DANN": {"weight": 0.1, "discriminator_steps": 3},
    "CDAN": {"weight": 0.3, "spectral_norm": True},
    "ADDA": {"lr": 1e-5},
    "entropy": {"weight": 0.1},
    "information maximization": {"weight": 0.1},
    "self-training": {"first": 0.3, "last": 0.9},
    "mean teacher": {"weight": 1.0},
    "MMD + self-training": {"weight": 1.0, "first": 0.3, "last": 0.9},
    "upper bound": {"k": 90},
}
"""Name of the method -> its settings. The upper bound had nothing to choose."""
