"""Chapter 15: a sentence as BERT sees it, and what frozen, LoRA and full make of it.

Type a sentence, add padding, hide one token. Each answer is shown with the attention mask and
without it. The three classifiers were trained on NumPy and SciPy texts and ship with the project
(``shipped.py`` of the chapter); of the full one the changes are cut to rank 8. MiniLM has read code
documentation before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tlbook.course.ch15_bert_practice.tables import ARMS
from tlbook.course.widgets.controls import Slider, Text
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

    ``state`` has for each token "read", "hidden" (mask 0) or "padding". ``probabilities`` are those
    with the mask, ``blind`` those without it, where every position counts.
    """

    pieces: tuple[str, ...]
    ids: tuple[int, ...]
    mask: tuple[int, ...]
    state: tuple[str, ...]
    probabilities: np.ndarray
    blind: np.ndarray


@lru_cache(maxsize=256)
def compute(text: str = START, padding: int = 3, hidden: int = 0) -> Result:
    """Return the tokens of a sentence and what three classifiers say to it.

    Parameters
    ----------
    text : str
        The sentence; the empty one is read as [CLS] [SEP].
    padding : int
        How many [PAD] follow, as beside a longer text.
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

    from tlbook.text import pieces
    from tlbook.text.recipes import MAX_TOKENS

    ids = _tokenizer()(text, truncation=True, max_length=MAX_TOKENS)["input_ids"]
    length = len(ids)
    state = ["read"] * length + ["padding"] * padding
    if (at := min(hidden, length - 2)) > 0:
        state[at] = "hidden"
    bits = [int(s == "read") for s in state]
    rows = [ids + [0] * padding]
    tokens = torch.tensor([[*rows, bits]])
    return Result(
        pieces=tuple(pieces(tokens)[0]),
        ids=tuple(rows[0]),
        mask=tuple(bits),
        state=tuple(state),
        probabilities=_read(tokens),
        blind=_read(torch.tensor([[*rows, [1] * len(bits)]])),
    )


def _read(tokens: Any) -> np.ndarray:
    """Return the probabilities of the three classifiers, shape (3, topics)."""
    import torch

    from tlbook.course.ch15_bert_practice.shipped import shipped

    with torch.inference_mode():
        rows = [shipped(mode)(tokens).softmax(dim=1)[0].numpy() for mode in ARMS]
    return np.round(np.stack(rows), 3)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from tlbook.text import tokenizer

    return tokenizer()


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the tokens with numbers and mask, and below them the answers with and without it."""
    fig.clear()
    changed = int((result.probabilities.argmax(axis=1) != result.blind.argmax(axis=1)).sum())
    counted = f"{sum(result.mask)} of {len(result.mask)} positions count"
    headline(fig, f"{counted}; without the mask {changed} of 3 answers change")
    fig.set_layout_engine("none")
    _draw_tokens(result, fig)
    width, places = 0.225, np.arange(len(TOPICS))
    for i, mode in enumerate(ARMS):
        ax = fig.add_axes((0.175 + i * (width + 0.055), 0.13, width, 0.35))
        color = COLORS[ARMS[mode]]
        for rows, shift, fill, name in (
            (result.probabilities, -0.2, color, "with the mask"),
            (result.blind, 0.2, "white", "without"),
        ):
            values = 100 * rows[i]
            ax.barh(places + shift, values, 0.36, label=name, color=fill, edgecolor=color)
            for k, value in enumerate(values):
                ax.text(value + 2, k + shift, f"{value:.0f}", va="center", fontsize=7.5)
        ax.set_xlim(0, 118)
        ax.set_xticks((0, 50, 100))
        ax.set_yticks(places, TOPICS if i == 0 else [""] * len(TOPICS), fontsize=10)
        ax.invert_yaxis()
        ax.set_title(SHOWN[mode], fontsize=10.5)
        ax.set_xlabel("probability (%)", fontsize=10)
    ax.legend(fontsize=9, loc="upper right")
    return fig


def _draw_tokens(result: Result, fig: Figure) -> None:
    lines = max(FEWEST_LINES, -(-len(result.pieces) // PER_LINE))
    ax = fig.add_axes((0.02, 0.56, 0.96, 0.34))
    ax.set_axis_off()
    ax.set_xlim(0, PER_LINE)
    ax.set_ylim(lines, 0)
    fills = {"read": COLORS["frozen encoder"], "hidden": COLORS["highlight"], "padding": "#D9D9D9"}
    size = {2: 10, 3: 8.5}.get(lines, 7.5)
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
        short = piece if len(piece) <= 8 else piece[:7] + "…"
        ax.text(
            column + 0.5, row + 0.3, short, ha="center", va="center", fontsize=size, color=color
        )
        note = f"{result.ids[i]}\nmask {result.mask[i]}"
        ax.text(
            column + 0.5, row + 0.66, note, ha="center", va="center", fontsize=size - 1, color=color
        )


EXPERIMENT = Experiment(
    name="token_view",
    title="What does BERT read, and what does the mask hide?",
    compute=compute,
    draw=draw,
    controls=(
        Text("text", "Sentence", START, ("sparse matrix", START, LONG)),
        Slider("padding", "Padding added", 0, 16, 1, 3, kind="int"),
        Slider("hidden", "Hide piece number", 0, 12, 1, 0, kind="int"),
    ),
    size=(10.5, 5.0),
)
