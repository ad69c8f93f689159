"""Pretrained weights that ship with the library; each file is checked against its sha256."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

FOLDER = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expected_sums(folder: Path | None = None) -> dict[str, str]:
    """Return {file name: sha256} as listed in ``SHA256SUMS``; empty where there is no list.

    Raises
    ------
    ValueError
        If a line is not "<64 hexadecimal digits>  <file name>".
    """
    path = (folder or FOLDER) / SUMS
    if not path.is_file():
        return {}
    sums = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        digest, _, name = line.partition(" ")
        name = name.strip().removeprefix("*")
        if len(digest) != 64 or set(digest.lower()) - set("0123456789abcdef") or not name:
            raise ValueError(f"{SUMS}: got the line {line!r}, want '<sha256>  <file name>'")
        sums[name] = digest.lower()
    return sums


def available_weights() -> tuple[str, ...]:
    """Return the names that :func:`load_weights` knows."""
    names = expected_sums()
    return tuple(
        sorted(n.removesuffix(".safetensors") for n in names if n.endswith(".safetensors"))
    )


def load_weights(name: str = "signnet") -> dict[str, torch.Tensor]:
    """Return the tensors of ``<name>.safetensors`` in this folder, after checking the file.

    Parameters
    ----------
    name : str
        One of :func:`available_weights`.

    Returns
    -------
    dict of tensors, on the CPU

    Raises
    ------
    ValueError
        If the name is not listed in ``SHA256SUMS``, or the file is not the one
        listed there (damaged, or made again without updating the list).
    FileNotFoundError
        If the file is listed and is not there.
    """
    sums = expected_sums()
    file_name = f"{name}.safetensors"
    if file_name not in sums:
        known = ", ".join(map(repr, available_weights())) or "nothing: SHA256SUMS lists no file"
        raise ValueError(f"name: got {name!r}, want {known}")
    path = FOLDER / file_name
    if not path.is_file():
        raise FileNotFoundError(
            f"{file_name} is missing: restore it with 'git checkout -- tlbook/data/weight_files', "
            f"or make it again with 'tlbook pretrain {name}'"
        )
    found = sha256(path)
    if found != sums[file_name]:
        raise ValueError(
            f"{file_name} is damaged: its sha256 is {found[:12]}…, want "
            f"{sums[file_name][:12]}…; restore it with 'git checkout -- tlbook/data/weight_files'"
        )
    from safetensors.torch import load_file

    return load_file(path)
