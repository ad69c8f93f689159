"""A trained model with all that belongs to it: what :func:`tlbook.models.load` returns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from tlbook._base.checks import check_positive, check_texts
from tlbook._base.named import named
from tlbook.models.preprocessing import Preprocessing, Texts, blocks, picture_files
from tlbook.training.predict import in_blocks

if TYPE_CHECKING:
    import pandas as pd


class Saved:
    """A trained model with its classes and preprocessing: it takes what a user has.

    Parameters
    ----------
    model : nn.Module
        Maps what the preprocessing gives to logits; a model of texts has ``probabilities(texts)``.
    classes : sequence of str
        Names of the outputs.
    preprocessing
        See :mod:`tlbook.models.preprocessing`.
    temperature : float
        Logits are divided by it before the softmax (calibration); answers do not change.
    path : Path, optional
        Where it was loaded from.
    """

    @named
    def __init__(
        self,
        model: nn.Module,
        classes: Any,
        preprocessing: Preprocessing,
        temperature: float = 1.0,
        path: Path | None = None,
    ) -> None:
        self.model = model.eval()
        self.classes = tuple(str(each) for each in classes)
        self.preprocessing = preprocessing
        self.temperature = float(check_positive(temperature, "temperature"))
        self.path = path

    def predict(self, new: Any) -> pd.Series:
        """Return the name of the most probable class, for each row of ``new``.

        Parameters
        ----------
        new
            Pictures: a file, a folder, a list of files, or an array of shape (n, channels, height,
            width) in [0, 1]. Texts: one text, a list of texts, or the ``Path`` of a UTF-8 file with
            one text in each line. Otherwise an array.

        Returns
        -------
        Series of str
            Its index is the file, or the number of the row. In a folder, pictures that cannot be
            read are left out and named.

        Raises
        ------
        ValueError
            If ``new`` is nothing of this, or a file in a list cannot be read.
        """
        table = self.probabilities(new)
        return table.idxmax(axis=1).rename("class")

    def probabilities(self, new: Any) -> pd.DataFrame:
        """Return the probability of each class (columns), for each row of ``new``."""
        import pandas as pd

        index, values = self._answers(new)
        return pd.DataFrame(values, index=index, columns=list(self.classes))

    def labels(self, new: Any) -> np.ndarray:
        """Return the number of the most probable class: what ``task.score`` takes."""
        return self._answers(new)[1].argmax(axis=1)

    def _answers(self, new: Any) -> tuple[Any, np.ndarray]:
        if isinstance(self.preprocessing, Texts):
            if isinstance(new, Path):
                new = _lines(new)
            texts = check_texts([new] if isinstance(new, str) else new, "new")
            return range(len(texts)), self._tempered(self.model.probabilities(texts))  # type: ignore[operator]
        files = picture_files(new) if hasattr(self.preprocessing, "read") else None
        if files is None:
            values = self._softmax(self.preprocessing.array(new))
            return range(len(values)), values
        parts = [self._softmax(block) for block in blocks(self.preprocessing, files)]  # type: ignore[arg-type]
        return files, np.concatenate(parts)

    def _softmax(self, x: torch.Tensor) -> np.ndarray:
        T = self.temperature
        return in_blocks(lambda rows: (self.model(rows).float() / T).softmax(1), self.model, x, 64)

    def _tempered(self, p: np.ndarray) -> np.ndarray:
        """Return softmax(logits / T) from softmax(logits)."""
        powered = np.asarray(p, dtype=np.float64) ** (1 / self.temperature)
        return (powered / powered.sum(axis=1, keepdims=True)).astype(np.float32)

    def __repr__(self) -> str:
        named = ", ".join(self.classes[:5]) + (" …" if len(self.classes) > 5 else "")
        return f"Saved({type(self.model).__name__}, {len(self.classes)} classes: {named})"


def _lines(file: Path) -> list[str]:
    """Return the lines of a file that have words."""
    try:
        lines = file.expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"new: got {file}, want a text file in UTF-8 ({error})") from None
    return [line for line in lines if line.strip()]
