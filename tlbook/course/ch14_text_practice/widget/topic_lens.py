"""Chapter 14: type a sentence, see its topic, its nearest texts, and what either lens sees of it.

TF-IDF with naive Bayes on one side, MiniLM with logistic regression on the other, both trained on
NumPy and SciPy texts. MiniLM has read code documentation before (CodeSearchNet, Stack Exchange).
"""

from __future__ import annotations

import textwrap
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook import plots
from tlbook.course.ch14_text_practice.widget._lens import (
    BUDGETS,
    LENSES,
    OWN,
    PICKS,
    Result,
    compute,
)
from tlbook.course.widgets.controls import Choice, Text
from tlbook.course.widgets.experiment import Experiment
from tlbook.plots import COLORS
from tlbook.plots.figure import headline
from tlbook.plots.legible import ink_on

SHOWN_WORDS = 7
ANSWERS: dict[str, dict[str, Any]] = {
    "(b) about a slope": {"pick": "about a slope"},
    "(c) in German": {"pick": "in German"},
    "(d) about no topic": {"pick": "about no topic"},
    "(e) “the of and”": {"text": "the of and"},
}


def _finding(result: Result) -> str:
    if not result.text:
        return "Nothing typed yet: write a sentence, or pick one"
    said = {
        name: f"{result.topics[P.argmax()]} {100 * P.max():.0f} %"
        for name, P in result.chances.items()
        if P is not None
    }
    if "TF-IDF" not in said:
        return f"TF-IDF knows none of these words. Embedding: {said['embeddings']}"
    known = sum(word.weight is not None for word in result.words)
    return (
        f"TF-IDF knows {known} of {len(result.words)} words: {said['TF-IDF']}. "
        f"Embedding: {said['embeddings']}"
    )


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the probabilities, the words that TF-IDF sees, and the nearest texts of each lens."""
    fig.clear()
    headline(fig, _finding(result))
    fig.set_layout_engine("none")
    _sentence(fig, result)
    _draw_chances(result, fig.add_axes((0.155, 0.51, 0.245, 0.29)))
    _draw_words(result, fig.add_axes((0.155, 0.08, 0.245, 0.28)))
    _draw_nearest(result, fig.add_axes((0.445, 0.02, 0.55, 0.8)))
    return fig


def answers() -> Figure:
    """Return the probabilities of both lenses for four sentences, and what TF-IDF never saw."""
    fig, axes = plots.figure(
        "TF-IDF answers by the words that it has seen, and has nothing to say in (e)",
        size=(10.4, 3.9), columns=len(ANSWERS), sharey=True,
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**state))
        _draw_chances(result, ax)
        ax.get_legend().remove()
        unseen = [word.text for word in result.words if word.weight is None]
        known = [word.text for word in result.words if word.weight is not None]
        said = f"seen: {', '.join(known) or 'none'}. Never seen: {', '.join(unseen) or 'none'}"
        ax.set_title(name + "\n" + "\n".join(textwrap.wrap(said, 31)), fontsize=9)
    axes[0].legend(loc="lower right", fontsize=8.5)
    return fig


def _sentence(fig: Figure, result: Result) -> None:
    lines = textwrap.wrap(f"“{_drawable(result.text)}”" if result.text else "", 118)
    if len(lines) > 2:
        lines = [lines[0], lines[1][:112].rsplit(" ", 1)[0] + " …”"]
    text = "\n".join(lines)
    look: dict[str, Any] = {"fontsize": 9.5, "style": "italic", "color": "#444444"}
    fig.text(0.01, 0.915, text, va="top", parse_math=False, **look)


def _draw_chances(result: Result, ax: Axes) -> None:
    places = np.arange(len(result.topics))
    for offset, (name, P) in zip((-0.19, 0.19), result.chances.items(), strict=True):
        ax.barh(
            places + offset,
            np.zeros(len(places)) if P is None else 100 * P,
            height=0.36,
            color=COLORS[name],
            label=name,
        )
    ax.set_yticks(places, result.topics, fontsize=9)
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xticks((0, 50, 100))
    ax.tick_params(axis="x", labelsize=8.5)
    ax.set_xlabel("probability (%)", fontsize=9, labelpad=1)
    ax.grid(False, axis="y")
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 0.98),
        ncol=2,
        fontsize=9,
        handlelength=1.2,
        columnspacing=1.2,
        borderpad=0.1,
    )


def _draw_words(result: Result, ax: Axes) -> None:
    ax.set_title("what TF-IDF sees: known words by weight", fontsize=9.5, x=-0.6)
    words = result.words[:SHOWN_WORDS]
    ax.set_xlim(0, 1)
    ax.set_ylim(SHOWN_WORDS - 0.4, -0.6)
    ax.set_xticks((0, 0.5, 1))
    ax.tick_params(axis="x", labelsize=8.5)
    ax.grid(False, axis="y")
    ax.set_yticks(
        range(len(words)), [_short(_drawable(word.text), 18) for word in words], fontsize=9
    )
    for i, word in enumerate(words):
        if word.weight is None:
            ax.text(0.01, i, "never seen", va="center", fontsize=8.5, color=COLORS["wrong"])
            continue
        ax.barh(i, word.weight, height=0.62, color=COLORS["TF-IDF"])
        inside = word.weight > 0.6
        ax.text(
            word.weight + (-0.02 if inside else 0.02),
            i,
            f"most in {word.topic}",
            va="center",
            ha="right" if inside else "left",
            fontsize=8,
            color=ink_on(COLORS["TF-IDF"]) if inside else "#444444",
        )
    if not words:
        what = "only function words" if result.left_out else "no words"
        ax.text(0.5, 3, what, ha="center", va="center", fontsize=9.5, color="#666666")
    more = len(result.words) - len(words)
    left = (
        f"left out: {_short(_drawable(', '.join(result.left_out)), 34)}" if result.left_out else ""
    )
    note = "; ".join(part for part in (f"and {more} more" if more > 0 else "", left) if part)
    ax.set_xlabel(note, fontsize=8.5, color="#666666", labelpad=1, x=0.2)


def _draw_nearest(result: Result, ax: Axes) -> None:
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(1, 0)
    y = 0.0
    for name, found in result.nearest.items():
        ax.text(
            0,
            y,
            f"nearest of {result.n_source} source texts: {name}",
            fontsize=9.5,
            fontweight="bold",
            color=COLORS[name],
            va="top",
        )
        y += 0.062
        if not found:
            why = "nothing to compare" if not result.text else "no text shares a word with it"
            ax.text(0.02, y, why, fontsize=9, va="top", color="#666666")
        look: dict[str, Any] = {"fontsize": 8.5, "color": "#444444"}
        for cosine, topic, text in found:
            ax.text(0.0, y, f"{cosine:.2f}", fontsize=9, va="top", fontweight="bold")
            ax.text(0.075, y, topic, fontsize=9, va="top", color="#222222", fontweight="bold")
            body = textwrap.wrap(text, 62)
            lines = body[:2] if len(body) <= 2 else [body[0], f"{body[1][:58].rstrip()} …"]
            ax.text(0.075, y + 0.042, "\n".join(lines), va="top", parse_math=False, **look)
            y += 0.145
        y = 0.515


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """Return the characters that the course's font has."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())


def _drawable(text: str) -> str:
    """Return a text with a box for each character that the font lacks (Chinese, say)."""
    return "".join(c if ord(c) in _glyphs() else "□" for c in text)


def _short(text: str, n: int) -> str:
    return text if len(text) <= n else text[: n - 1].rstrip(" ,") + "…"


EXPERIMENT = Experiment(
    name="topic_lens",
    title="What is this sentence about, and who can tell?",
    compute=compute,
    draw=draw,
    controls=(
        Choice("pick", "Look at", (OWN, *PICKS)),
        Text(
            "text",
            "Sentence",
            start="Keeps a running average of past updates so that the next step has momentum.",
            examples=(
                "matrix",
                "Walks from node to node along the links of a network that has hardly any links, "
                "keeps for each node the shortest way found so far, and never writes down the many "
                "pairs of nodes between which there is no link at all.",
            ),
            when=("pick", OWN),
        ),
        Choice("budget", "Labeled texts per topic", BUDGETS, start="all", slider=True),
        Choice("neighbors", "Nearest texts of", ("both", *LENSES)),
    ),
    size=(9.5, 5.4),
    large_text=1.15,
)
