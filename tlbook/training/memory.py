"""Out of memory: find the batch size that would fit, and say it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


class OutOfMemory(RuntimeError):
    """The step did not fit into memory; the message names a batch size that would."""


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether memory ran out: CUDA, MPS, CPU and NumPy each have their own words for it."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in SIGNS)


def largest_that_fits(attempt: Callable[[int], None], batch_size: int) -> int | None:
    """Return the largest of batch_size/2, /4, … for which ``attempt(size)`` has enough memory.

    Parameters
    ----------
    attempt : function
        Makes one forward and backward pass of that size; what it leaves behind is not wanted.
    batch_size : int
        What did not fit.

    Returns
    -------
    int or None
        ``None`` if not even one row fits.
    """
    size = batch_size // 2
    while size >= 1:
        free_memory()
        try:
            attempt(size)
        except Exception as error:
            # BatchNorm wants more than one row: an error of another kind also ends the search.
            if not is_out_of_memory(error):
                return None
            size //= 2
        else:
            return size
    return None


def free_memory() -> None:
    """Give cached blocks of the accelerator back."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def explain(error: BaseException, batch_size: int, fits: int | None, kept: str | None) -> str:
    """Return the message: what happened, the size that fits, where the checkpoint is."""
    first = str(error).strip().split("\n")[0][:200] or type(error).__name__
    advice = (
        f"batch_size={fits} would fit"
        if fits
        else "not even a batch of one would fit: take a smaller network or smaller inputs"
    )
    saved = f" The last checkpoint is in {kept}." if kept else ""
    return f"out of memory at batch_size={batch_size}: {advice}.{saved} ({first})"


def restored(model: nn.Module) -> Callable[[], None]:
    """Return a function that puts the buffers back as they are now and drops all gradients."""
    kept = {name: buffer.detach().clone() for name, buffer in model.named_buffers()}

    def restore() -> None:
        for name, buffer in model.named_buffers():
            buffer.data.copy_(kept[name])
        model.zero_grad(set_to_none=True)

    return restore
