"""One training run for one process or several: ``torchrun --nproc-per-node 2 -m … 2 OUT``.

The first argument is how many processes there must be (0: take what comes), the second a file that
the first process writes its final weights to.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

STEPS, BATCH = 8, 16


def train(seed: int = 0) -> Any:
    """Fine-tune ``signnet`` on fifty pictures; in a world of several processes, with all of them.

    SGD, because Adam divides a rounding error by its own size in the first step.

    Returns
    -------
    model, history
    """
    from tlbook.data.signs import load_signs
    from tlbook.models import create
    from tlbook.training import fit

    X, y = load_signs(seed=seed).label(5, seed=seed)
    model = create("signnet", weights="embedded", n_classes=10, seed=seed)
    history = fit(
        model,
        (X, y),
        steps=STEPS,
        batch_size=BATCH,
        lr=1e-2,
        optimizer="sgd",
        seed=seed,
        device="cpu",
        progress=False,
    )
    return model, history


def largest_difference(model: Any, file: str | Path) -> float:
    """Return the largest difference between the network's weights and those in a file."""
    from safetensors.torch import load_file

    theirs = load_file(file)
    ours = {k: v for k, v in model.state_dict().items() if v.is_floating_point()}
    return max(float((value - theirs[name]).abs().max()) for name, value in ours.items())


def main(wanted: int, out: str, seed: int = 0) -> None:
    """Join, train, say how large the world is, and let the first process write the weights."""
    import torch
    from safetensors.torch import save_file

    from tlbook.training import join

    torch.set_num_threads(1)
    with join(wanted or None, device="cpu") as world:
        model, history = train(seed)
        if world.first:
            state = {k: v.contiguous() for k, v in model.state_dict().items()}
            save_file(state, out)
        world.wait()
        print(f"process {world.rank} of {world.size}: loss {history.loss[-1]:.6f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:4]))
