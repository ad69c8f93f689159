"""``tlbook pretrain``: make the weights that ship with the project again."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import nn

from tlbook._checks import check_choice
from tlbook.data.weights import FOLDER, SUMS, expected_sums, sha256
from tlbook.evaluation import stored

NAMES = ("signnet",)
README = FOLDER.parent / "README.md"
MARKS = ("<!-- curve: made by `tlbook pretrain signnet` -->\n", "<!-- end of curve -->")


def pretrain(name: str = "signnet", folder: Path | None = None) -> Path:
    """Train a network from scratch and write its weights, their sha256 and the training curve.

    Parameters
    ----------
    name : {"signnet"}
        Which network.
    folder : Path, optional
        Where the weights go; the project's ``data/weights`` by default. The stored training curve
        is only replaced along with the project's own weights.

    Returns
    -------
    Path
        The safetensors file.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    from tlbook.studies import signnet_pretraining as study

    check_choice(name, "name", NAMES)
    start = time.perf_counter()
    model, curve = study.pretrain()
    path = write_weights(name, model, folder or FOLDER)
    if folder is None:
        stored.save(
            "signnet_pretraining",
            curve,
            study.COMMAND,
            study.MODULES,
            seconds=time.perf_counter() - start,
        )
        write_curve(README)
    return path


def write_weights(name: str, model: nn.Module, folder: Path) -> Path:
    """Write ``<name>.safetensors`` and enter its sha256 in ``SHA256SUMS``."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    tensors = {
        k: v.to("cpu", memory_format=torch.contiguous_format) if v.ndim == 4 else v.cpu()
        for k, v in model.state_dict().items()
    }
    save_file({k: v.contiguous() for k, v in tensors.items()}, path)
    sums = {**expected_sums(folder), path.name: sha256(path)}
    lines = [f"{digest}  {file}\n" for file, digest in sorted(sums.items())]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    return path


def curve_table() -> str:
    """Return the sha256 and the stored training curve (every fifth row) as Markdown."""
    curve = stored.load("signnet_pretraining").iloc[4::5]
    digest = expected_sums()["signnet.safetensors"]
    rows = [
        f"| {row.step:.0f} | {row.loss:.3f} | {100 * row.validation_accuracy:.1f} % |\n"
        for row in curve.itertuples()
    ]
    head = "| step | loss, mean of the last 100 steps | accuracy on the validation letters |\n"
    return f"sha256 `{digest}`\n\n{head}|---|---|---|\n{''.join(rows)}"


def write_curve(readme: Path) -> None:
    """Put the table between its marks in ``data/README.md``."""
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, mark, after = rest.partition(MARKS[1])
    if not mark:
        raise ValueError(f"readme: {readme.name} lacks the marks {MARKS[0].strip()} … {MARKS[1]}")
    readme.write_text(before + MARKS[0] + curve_table() + MARKS[1] + after, encoding="utf-8")
