"""Which device and which precision a run uses."""

from __future__ import annotations

import torch

from tlbook._base.checks import check_choice
from tlbook._base.named import named


@named
def choose_device(device: str | torch.device = "auto") -> torch.device:
    """Return the device to run on: CUDA, else MPS, else the CPU for ``"auto"``.

    Raises
    ------
    ValueError
        If the device is unknown or not there.
    """
    if isinstance(device, torch.device):
        device = str(device)
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError):
        raise ValueError(f"device: got {device!r}, want 'auto', 'cpu', 'cuda' or 'mps'") from None
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise ValueError("device: got 'cuda', but no CUDA device is there; want 'auto' or 'cpu'")
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError("device: got 'mps', but no MPS device is there; want 'auto' or 'cpu'")
    return chosen


@named
def choose_precision(precision: str, device: torch.device) -> torch.dtype:
    """Return the dtype of the forward pass: bfloat16 on a CUDA card that has it, for ``"auto"``.

    Raises
    ------
    ValueError
        If the precision is unknown.
    """
    check_choice(precision, "precision", ("auto", "float32", "bf16"))
    if precision == "auto":
        fast = device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float32
