"""Chapter 15: a sentence as BERT sees it, and what frozen, LoRA and full make of it.

Type a sentence, add padding, switch the attention mask off, hide one token. The three classifiers
were trained on NumPy and SciPy texts and ship with the project (``shipped.py`` of the chapter); of
the full one the changes are cut to rank 8. MiniLM has read code documentation before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tlbook.course.ch15_bert_practice.tables import ARMS
from tlbook.course.widgets.controls import Slider, Text, Toggle
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots import COLORS
from tlbook.plots.figure import headline

START = "Returns the indices of nonzero elements."
LONG = (
    "Draw random samples from a probability distribution whose density is known up to a constant, "
    "and return an array of the requested shape."
)
SHOWN = {"frozen": "frozen", "lora": "LoRA", "full": "full, rank 8"}
TOPICS = ("signal", "linear algebra", "optimization", "random", "sparse", "special functions")
PER_LINE = 14
FEWEST_LINES = 2


@dataclass(frozen=True)
class Result:
    """Tokens of the sentence and the probabilities of the three classifiers.

    ``state`` has for each token "read", "hidden" (mask 0) or "padding".
    """

    pieces: tuple[str, ...]
    ids: tuple[int, ...]
    mask: tuple[int, ...]
    state: tuple[str, ...]
    probabilities: np.ndarray


@lru_cache(maxsize=256)
def compute(text: str = START, padding: int = 4, mask: bool = True, hidden: int = 0) -> Result:
    """Return the tokens of a sentence and what three classifiers say to it.

    Parameters
    ----------
    text : str
        The sentence; the empty one is read as [CLS] [SEP].
    padding : int
        How many [PAD] follow, as beside a longer text.
    mask : bool
        Whether the attention mask is used. Without it every position counts, padding too.
    hidden : int
        Number of the piece that the mask hides, from 1 (beyond the end: the last); 0 hides none.

    Raises
    ------
    ValueError
        If a number is negative.
    """
    if padding < 0 or hidden < 0:
        raise ValueError(f"padding, hidden: got {padding} and {hidden}, want at least 0")
    import torch

    from tlbook.course.ch15_bert_practice.shipped import shipped
    from tlbook.text import pieces
    from tlbook.text.recipes import MAX_TOKENS

    ids = _tokenizer()(text, truncation=True, max_length=MAX_TOKENS)["input_ids"]
    length = len(ids)
    state = ["read"] * length + ["padding"] * padding
    at = min(hidden, length - 2)
    if mask and at > 0:
        state[at] = "hidden"
    bits = [int(s == "read" or not mask) for s in state]
    tokens = torch.tensor([[ids + [0] * padding, bits]])
    with torch.inference_mode():
        rows = [_read(shipped(mode), tokens) for mode in ARMS]
    return Result(
        pieces=tuple(pieces(tokens)[0]),
        ids=tuple(tokens[0, 0].tolist()),
        mask=tuple(bits),
        state=tuple(state),
        probabilities=np.stack(rows),
    )


def _read(model: Any, tokens: Any) -> np.ndarray:
    return np.round(model(tokens).softmax(dim=1)[0].numpy(), 3)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from tlbook.text import tokenizer

    return tokenizer()


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the tokens with numbers and mask, and below them the classifiers' probabilities."""
    fig.clear()
    best = [TOPICS[i] for i in result.probabilities.argmax(axis=1)]
    said = (
        best[0]
        if len(set(best)) == 1
        else ", ".join(f"{SHOWN[mode]}: {topic}" for mode, topic in zip(ARMS, best, strict=True))
    )
    counted = sum(result.mask)
    headline(fig, f"{counted} of {len(result.mask)} positions count → {said}")
    fig.set_layout_engine("none")
    _draw_tokens(result, fig)
    width = 0.225
    for i, mode in enumerate(ARMS):
        ax = fig.add_axes((0.175 + i * (width + 0.055), 0.12, width, 0.34))
        colors = [COLORS[ARMS[mode]]] * len(TOPICS)
        ax.barh(range(len(TOPICS)), 100 * result.probabilities[i], color=colors)
        for k, value in enumerate(result.probabilities[i]):
            ax.text(100 * value + 2, k, f"{100 * value:.0f}", va="center", fontsize=8.5)
        ax.set_xlim(0, 115)
        ax.set_xticks((0, 50, 100))
        ax.set_yticks(range(len(TOPICS)), TOPICS if i == 0 else [""] * len(TOPICS), fontsize=9)
        ax.invert_yaxis()
        ax.set_title(SHOWN[mode], fontsize=10.5)
        ax.set_xlabel("probability (%)", fontsize=9)
    return fig


def _draw_tokens(result: Result, fig: Figure) -> None:
    lines = max(FEWEST_LINES, -(-len(result.pieces) // PER_LINE))
    ax = fig.add_axes((0.02, 0.53, 0.96, 0.36))
    ax.set_axis_off()
    ax.set_xlim(0, PER_LINE)
    ax.set_ylim(lines, 0)
    fills = {"read": COLORS["frozen encoder"], "hidden": COLORS["highlight"], "padding": "#D9D9D9"}
    size = {2: 9, 3: 8.5}.get(lines, 7.5)
    for i, piece in enumerate(result.pieces):
        row, column = divmod(i, PER_LINE)
        ax.add_patch(
            Rectangle(
                (column + 0.03, row + 0.06),
                0.94,
                0.84,
                facecolor=fills[result.state[i]],
                alpha=0.55 if result.mask[i] else 0.18,
                edgecolor="#222222" if result.mask[i] else "none",
                lw=0.8,
            )
        )
        color = "#222222" if result.mask[i] else "#6A6A6A"
        short = piece if len(piece) <= 9 else piece[:8] + "…"
        ax.text(
            column + 0.5, row + 0.3, short, ha="center", va="center", fontsize=size, color=color
        )
        note = f"{result.ids[i]}\nmask {result.mask[i]}"
        ax.text(
            column + 0.5, row + 0.66, note, ha="center", va="center", fontsize=size - 2, color=color
        )


EXPERIMENT = Experiment(
    name="token_view",
    title="What does BERT read, and what does the mask hide?",
    compute=compute,
    draw=draw,
    controls=(
        Text("text", "Sentence", START, ("sparse matrix", START, LONG)),
        Slider("padding", "Padding added", 0, 16, 1, 4, kind="int"),
        Toggle("mask", "Use the attention mask", start=True),
        Slider("hidden", "Hide piece number", 0, 12, 1, 0, kind="int"),
    ),
    size=(10.5, 5.4),
)
