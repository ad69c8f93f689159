"""The patient of the BERT listing: transformers' own classifier with MiniLM's weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from typing import Any


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from reporting, while a model loads, which layers are new."""
    from transformers.utils import logging

    from tlbook.text import minilm

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with minilm._no_progress_bars():
            yield
    finally:
        logging.set_verbosity(level)


def folder() -> str:
    """Return the path of MiniLM's files."""
    from tlbook.text import minilm

    return str(minilm.checked_folder())


def _read(num_labels: int) -> Any:
    from transformers import BertForSequenceClassification

    return BertForSequenceClassification.from_pretrained(
        folder(), num_labels=num_labels, local_files_only=True
    )


def load(num_labels: int = 6, seed: int | None = None) -> Any:
    """Return transformers' own classifier with MiniLM's weights; its last layer is new.

    ``seed`` fixes that layer; without it the layer is drawn from wherever torch's generator stands.
    """
    from tlbook.models import seeded

    with quiet():
        model = _read(num_labels) if seed is None else seeded(lambda: _read(num_labels), seed)
    return model.eval()


def load_report(num_labels: int = 6) -> str:
    """Return what transformers reports when it loads a body for which the file has no head."""
    import logging
    import re

    from transformers.utils import logging as their_logging

    from tlbook.text import minilm

    said: list[str] = []

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    notes, level = Notes(), their_logging.get_verbosity()
    their_logging.disable_default_handler()
    their_logging.add_handler(notes)
    their_logging.set_verbosity_warning()
    try:
        with minilm._no_progress_bars():
            _read(num_labels)
    finally:
        their_logging.set_verbosity(level)
        their_logging.remove_handler(notes)
        their_logging.enable_default_handler()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(said))
    return plain.replace(folder(), "MiniLM").strip()


@cache
def tools() -> tuple[Any, Any]:
    """Return the patient, loaded once, and its tokenizer."""
    from tlbook.text import tokenizer

    return load(seed=0), tokenizer()


def encoded(*texts: str, tensors: bool = True) -> Any:
    """Return the tokenizer's output for texts, padded, as lists or as tensors."""
    kind = {"return_tensors": "pt"} if tensors else {}
    return tools()[1](list(texts), truncation=True, padding=True, **kind)


def name_of_class(**names: Any) -> str:
    """Return what the model calls its second class."""
    from transformers import BertForSequenceClassification

    with quiet():
        model: Any = BertForSequenceClassification.from_pretrained(folder(), **names)
    return str(model.config.id2label[1])


def files_left(save: bool) -> int:
    """Return how many files a program leaves behind when it ends."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as place, quiet():
        if save:
            for tool in tools():
                tool.save_pretrained(place)
        return len(list(Path(place).iterdir()))
