"""Numbers, texts or pictures: checked as they came, then turned into rows of numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from tlbook._base.checks import check_same_features, check_texts, is_text
from tlbook._base.estimators import check_column_names, column_names
from tlbook.diagnosis.soundness import LEAST_ROWS, MOST_COLUMNS, check_rows

UNKNOWN = 0.1
"""Share of the pieces of texts that MiniLM does not know, from which on the report warns."""


def checked(given: dict[str, Any], kind: str) -> dict[str, np.ndarray]:
    """Return source, target and labeled rows as arrays with one entry a row.

    Raises
    ------
    ValueError
        In one line that names the argument, what came and what is wanted.
    """
    if kind == "texts":
        return {name: _texts(X, name) for name, X in given.items()}
    if kind == "pictures":
        return {name: _pictures(X, name) for name, X in given.items()}
    names = column_names(given["source"])
    for name, X in given.items():
        check_column_names(X, names, name)
    plain = None if names is None else [str(each) for each in names]
    found = {name: _numbers(X, name, plain) for name, X in given.items()}
    for name in found:
        check_same_features(found["source"], found[name], ("source", name))
    return found


def turned(
    rows: dict[str, np.ndarray], kind: str
) -> tuple[dict[str, np.ndarray], tuple[str, ...], tuple[str, ...]]:
    """Return checked rows as arrays (n, d) of numbers, what was done for it, and warnings."""
    if kind == "numbers":
        return rows, (), ()
    warnings: tuple[str, ...] = ()
    if kind == "texts":
        from tlbook.text import embed

        note = (
            "texts were turned into 384 numbers each by MiniLM, which learned from English texts, "
            "on this machine"
        )
        warnings = _unknown_pieces(rows)
        found = {name: np.asarray(embed(X), dtype=np.float64) for name, X in rows.items()}
    else:
        note = "pictures were turned into 128 numbers each by the frozen network signnet (24 × 24)"
        found = {name: _features(X) for name, X in rows.items()}
    for name in found:
        check_same_features(found["source"], found[name], ("source", name))
    return found, (note,), warnings


def contents(rows: np.ndarray) -> np.ndarray:
    """Return a hash of each text or picture."""

    def digest(each: Any) -> str:
        raw = each.encode() if isinstance(each, str) else np.ascontiguousarray(each).tobytes()
        return hashlib.blake2b(raw, digest_size=12).hexdigest()

    return np.array([digest(each) for each in rows])


def _numbers(X: Any, name: str, columns: Sequence[str] | None) -> np.ndarray:
    least = 1 if name == "labeled" else LEAST_ROWS
    if hasattr(X, "toarray") and X.shape[1] <= MOST_COLUMNS:  # a sparse matrix
        X = X.toarray()
    return check_rows(_values(X) if columns is not None else X, name, columns, least)


def _values(frame: Any) -> Any:
    """Return the values of a data frame; columns of bool or with missing values as floats."""
    values = frame.to_numpy()
    if values.dtype.kind != "O" or is_text(values):
        return values
    try:
        return frame.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):  # no numbers: named by the check that follows
        return values


def _texts(X: Any, name: str) -> np.ndarray:
    texts = check_texts(X, name)
    if name != "labeled" and len(texts) < LEAST_ROWS:
        raise ValueError(f"{name}: got {len(texts)} texts, want {LEAST_ROWS}")
    return texts


def _unknown_pieces(given: dict[str, np.ndarray]) -> tuple[str, ...]:
    """Return a warning where many pieces of the texts are not in MiniLM's vocabulary."""
    from tlbook.text.minilm import tokenizer

    read, shares = tokenizer(), {}
    for name, texts in given.items():
        ids = read([str(text) for text in texts], add_special_tokens=False, truncation=True)
        pieces = np.concatenate([np.asarray(each, dtype=int) for each in ids["input_ids"]])
        shares[name] = float((pieces == read.unk_token_id).mean()) if len(pieces) else 1.0
    worst = max(shares, key=lambda name: shares[name])
    if shares[worst] < UNKNOWN:
        return ()
    return (
        f"{shares[worst]:.0%} of the pieces of the {worst} texts are not in the vocabulary of "
        "MiniLM, which learned from English texts: it reads little of them, and no estimate here "
        "can be relied on",
    )


def _pictures(X: Any, name: str) -> np.ndarray:
    pictures = np.asarray(X)
    if pictures.ndim == 3:
        pictures = pictures[:, None]
    if pictures.ndim != 4 or pictures.dtype.kind not in "uif":
        raise ValueError(f"{name}: got shape {pictures.shape}, want pictures (n, channels, h, w)")
    if pictures.dtype.kind == "f" and not ((pictures >= 0) & (pictures <= 1)).all():  # NaN, too
        raise ValueError(f"{name}: got pixels outside [0, 1], want floats in [0, 1] or uint8")
    return pictures


def _features(pictures: np.ndarray) -> np.ndarray:
    from tlbook import models
    from tlbook.finetuning import cached_features

    if pictures.dtype.kind in "ui":
        pictures = pictures / 255
    pictures = pictures.astype(np.float32)
    if pictures.shape[1] == 1:
        pictures = pictures.repeat(3, axis=1)
    network = models.create("signnet", weights="embedded")
    return cached_features(network, pictures).astype(np.float64)
