"""Three trained classifiers in a file of about a megabyte, for the widget and for a first look.

``python -m tlbook.course.ch15_bert_practice.shipped`` makes ``bert_topics.safetensors`` again:
frozen, LoRA and full, trained on the ``docstrings`` source with seed 0. All start from one head,
LoRA and full go on at a rate large enough that they differ. LoRA and the heads are kept as they
are. Of the full one every matrix's *change* is kept, cut to rank 8 (``bert_finetuning`` has on how
many texts that gives the same answer).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tlbook._base.checks import check_choice
from tlbook.text.classifier import MODES, TextClassifier, text_classifier
from tlbook.text.low_rank import changed, changes
from tlbook.text.recipes import HEAD_C, MAX_TOKENS

NAME = "bert_topics"
RANK = 8
N_CLASSES = 6
SEED = 0
RATE = 3e-4


@cache
def shipped(mode: str) -> TextClassifier:
    """Return the trained classifier of a mode, in eval mode; copy it before you change it.

    Parameters
    ----------
    mode : {"frozen", "lora", "full"}

    Raises
    ------
    ValueError
        If the mode is unknown or the file is damaged.
    """
    from tlbook.data.weight_files.shipped import load_weights

    check_choice(mode, "mode", MODES)
    kept = {
        name.removeprefix(f"{mode}/"): value
        for name, value in load_weights(NAME).items()
        if name.startswith(f"{mode}/")
    }
    model = text_classifier(N_CLASSES, mode, max_tokens=MAX_TOKENS, seed=SEED)
    if mode == "full":
        return changed(model, kept).eval()
    missing = model.load_state_dict(kept, strict=False).unexpected_keys
    if missing:
        raise ValueError(f"{NAME}.safetensors: got {missing[0]}, which no layer has")
    return model.eval()


def make() -> dict[str, Any]:
    """Train the three again and return the tensors of the file."""
    from tlbook import data
    from tlbook.course.ch15_bert_practice.methods import CHOICE, METHODS

    task = data.load("docstrings", seed=SEED)
    tensors: dict[str, Any] = {}
    for mode in MODES:
        setting = HEAD_C if mode == "frozen" else RATE
        model = METHODS[mode](task, SEED, **{CHOICE[mode]: setting}).model
        if mode == "full":
            start = text_classifier(N_CLASSES, mode, max_tokens=MAX_TOKENS, seed=SEED)
            kept = changes(model, start, RANK)
        else:
            learning = {n for n, p in model.named_parameters() if p.requires_grad}
            kept = {n: v for n, v in model.state_dict().items() if n in learning}
        tensors |= {f"{mode}/{name}": value.contiguous() for name, value in kept.items()}
    return tensors


def write() -> None:
    """Make the file and its line in ``SHA256SUMS``."""
    from safetensors.torch import save_file

    from tlbook.data.weight_files.shipped import FOLDER, SUMS, expected_sums, sha256

    path = FOLDER / f"{NAME}.safetensors"
    save_file(
        make(), path, metadata={"command": "python -m tlbook.course.ch15_bert_practice.shipped"}
    )
    sums = expected_sums() | {path.name: sha256(path)}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
    (FOLDER / SUMS).write_text("".join(lines), encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    write()
