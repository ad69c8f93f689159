"""``tlbook pretrain``: make the weights that ship with the project again."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path

import torch
from torch import nn

from tlbook._base.checks import check_choice
from tlbook.course import studies
from tlbook.course.chapters import root
from tlbook.course.results import stored
from tlbook.course.results.fingerprint import fingerprint
from tlbook.data.weight_files.shipped import FOLDER, SUMS, expected_sums, sha256

NAMES = ("signnet", "mobilesigns", "glyphnets")
README = root() / "data" / "README.md"
END = "<!-- end of curve -->"


def start_mark(name: str) -> str:
    """Return the line in ``data/README.md`` after which the curve of a network stands."""
    return f"<!-- curve: made by `tlbook pretrain {name}` -->\n"


def pretrain(name: str = "signnet", folder: Path | None = None) -> Path:
    """Train a network from scratch and write its weights, their sha256 and the training curve.

    Parameters
    ----------
    name : {"signnet", "mobilesigns", "glyphnets"}
        Which network, or networks.
    folder : Path, optional
        Where the weights go; the library's own folder by default. The stored training curve
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
    check_choice(name, "name", NAMES)
    result = f"{name}_pretraining"
    module = studies.module(result)
    code = fingerprint(module)  # now: the files may be edited while it trains
    start = time.perf_counter()
    model, curve = import_module(module).pretrain()
    path = write_weights(name, model, folder or FOLDER)
    if folder is None:
        stored.save(
            result,
            curve,
            studies.get(result).command,
            code,
            seconds=time.perf_counter() - start,
        )
        write_curve(README, name)
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


def curve_table(name: str = "signnet") -> str:
    """Return the sha256 and the stored training curve (six rows of it) as Markdown."""
    curve = stored.load(f"{name}_pretraining")
    length = curve.step.iloc[0]
    every = len(curve) // 6
    digest = expected_sums()[f"{name}.safetensors"]
    columns = [c for c in curve if c != "step" and not c.endswith("cpu_seconds")]
    rows = [
        f"| {curve.step[i]:.0f} | " + " | ".join(_shown(c, curve[c][i]) for c in columns) + " |\n"
        for i in range(every - 1, len(curve), every)
    ]
    heads = [
        "accuracy on the validation letters"
        if c == "validation_accuracy"
        else f"{c}, mean of the last {length} steps"
        for c in columns
    ]
    head = f"| step | {' | '.join(heads)} |\n|---{'|---' * len(heads)}|\n"
    return f"sha256 `{digest}`\n\n{head}{''.join(rows)}"


def _shown(column: str, value: float) -> str:
    return f"{100 * value:.1f} %" if column == "validation_accuracy" else f"{value:.3f}"


def write_curve(readme: Path, name: str = "signnet") -> None:
    """Put the table between its marks in ``data/README.md``."""
    mark = start_mark(name)
    before, found, rest = readme.read_text(encoding="utf-8").partition(mark)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"readme: {readme.name} lacks the marks {mark.strip()} … {END}")
    readme.write_text(before + mark + curve_table(name) + END + after, encoding="utf-8")
