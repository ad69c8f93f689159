"""Chapter 14: type a sentence, see its topic, its nearest texts, and what either lens sees of it.

TF-IDF with naive Bayes on one side, MiniLM with logistic regression on the other, both trained on
NumPy and SciPy texts. MiniLM has read code documentation before (CodeSearchNet, Stack Exchange).
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tlbook.plots import COLORS
from tlbook.plots.figure import headline
from tlbook.widgets.controls import Choice, Text
from tlbook.widgets.experiment import Experiment

if TYPE_CHECKING:
    from tlbook.domains import Task

SEED = 0
OWN = "what I type"
BUDGETS = (5, 20, "all")
SHOWN_WORDS, SHOWN_TEXTS = 7, 3
LENSES = ("TF-IDF", "embeddings")
PICKS = {
    "about momentum": "Keeps a running average of past updates so that the next step has momentum.",
    "about zeros": "Keeps only what is not nought, together with its row and column.",
    "about a bell": "Gives the density of a bell curve with a given mean and spread.",
    "in German": "Gauss, Riemann und Bessel kannten diese Kurven.",
    "about no topic": "My sister bakes excellent bread on Sundays.",
}


@dataclass(frozen=True)
class Word:
    """A word of the sentence: its weight in the row (None: never seen), and where it points."""

    text: str
    weight: float | None
    topic: str = ""


@dataclass(frozen=True)
class Result:
    """What both lenses see; probabilities (6,) or None where there is nothing to see."""

    text: str
    topics: tuple[str, ...]
    chances: dict[str, np.ndarray | None]
    words: tuple[Word, ...]
    left_out: tuple[str, ...]
    nearest: dict[str, tuple[tuple[float, str, str], ...]]
    """For each lens: (cosine, topic, text), the nearest first."""
    n_source: int


@lru_cache(maxsize=1)
def _task() -> Task:
    from tlbook.data.docstrings import load_docstrings

    return load_docstrings(SEED)


@lru_cache(maxsize=len(BUDGETS))
def _trained(budget: int | str) -> dict[str, Any]:
    """Return the labeled texts, the vectorizer, both classifiers and both sets of rows."""
    from tlbook.text import embed, tfidf
    from tlbook.text_arms import SETTINGS, bayes, spread_logistic
    from tlbook.text_cases import some_of_each

    source = _task().source
    everything = embed(source.X, device="cpu")  # kept in the cache folder
    number = {text: i for i, text in enumerate(source.X)}
    assert source.y is not None
    sample = (source.X, source.y)
    X, y = sample if budget == "all" else some_of_each(sample, int(budget), SEED)
    vectors = everything[[number[text] for text in X]]
    words = tfidf().fit(X)
    rows = words.transform(X)
    return {
        "X": X,
        "y": y,
        "words": words,
        "TF-IDF": (rows, bayes(**SETTINGS["TF-IDF + NB"]).fit(rows, y)),
        "embeddings": (vectors, spread_logistic(**SETTINGS["MiniLM + LR"]).fit(vectors, y)),
    }


@lru_cache(maxsize=64)
def _vector(text: str) -> np.ndarray:
    from tlbook.text import embed

    return embed([text], device="cpu", keep=False)


@lru_cache(maxsize=256)
def compute(
    text: str = "", pick: str = OWN, budget: int | str = "all", neighbors: str = "both"
) -> Result:
    """Return topic probabilities, words and nearest source texts of a sentence.

    Parameters
    ----------
    text : str
        The sentence; may be empty.
    pick : str
        ``OWN``, or a key of ``PICKS`` that is looked at instead of ``text``.
    budget : int or "all"
        Labeled texts per topic to train on, one of ``BUDGETS``.
    neighbors : {"both", "TF-IDF", "embeddings"}
        Whose nearest texts are shown; of one lens twice as many.
    """
    sentence = text if pick == OWN else PICKS[pick]
    topics = _task().classes
    trained = _trained(budget)
    shown = LENSES if neighbors == "both" else (neighbors,)
    if not sentence.strip():
        nothing: dict[str, np.ndarray | None] = dict.fromkeys(LENSES)
        empty: dict[str, tuple[tuple[float, str, str], ...]] = dict.fromkeys(shown, ())
        return Result("", topics, nothing, (), (), empty, len(trained["X"]))
    row = trained["words"].transform([sentence])
    vector = _vector(sentence)
    lens = {"TF-IDF": row if row.nnz else None, "embeddings": vector}
    chances: dict[str, np.ndarray | None] = {
        name: None if Z is None else trained[name][1].predict_proba(Z)[0]
        for name, Z in lens.items()
    }
    words, left_out = _words(trained, sentence, row)
    count = SHOWN_TEXTS * (3 - len(shown))
    nearest = {name: _nearest(trained, name, lens[name], count, topics) for name in shown}
    return Result(sentence, topics, chances, words, left_out, nearest, len(trained["X"]))


def _words(
    trained: dict[str, Any], sentence: str, row: Any
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """Return what TF-IDF makes of each word: known ones by weight, then the others."""
    vectorizer = trained["words"]
    analyzed = list(dict.fromkeys(vectorizer.build_analyzer()(sentence)))
    raw = vectorizer.build_tokenizer()(sentence.lower())
    vocabulary, model = vectorizer.vocabulary_, trained["TF-IDF"][1]
    known = sorted(
        (w for w in analyzed if w in vocabulary), key=lambda w: (-row[0, vocabulary[w]], w)
    )
    topics = _task().classes
    found = [
        Word(
            w,
            float(row[0, vocabulary[w]]),
            topics[model.classes_[model.feature_log_prob_[:, vocabulary[w]].argmax()]],
        )
        for w in known
    ]
    found += [Word(w, None) for w in analyzed if w not in vocabulary]
    return tuple(found), tuple(w for w in dict.fromkeys(raw) if w not in analyzed)


def _nearest(
    trained: dict[str, Any], name: str, Z: Any, count: int, topics: tuple[str, ...]
) -> tuple[tuple[float, str, str], ...]:
    if Z is None:
        return ()
    product = trained[name][0] @ Z.T  # rows have length one: the product is the cosine
    cosine = np.asarray(product.toarray() if hasattr(product, "toarray") else product).ravel()
    best = np.argsort(-cosine, kind="stable")[:count]
    return tuple(
        (float(cosine[i]), topics[trained["y"][i]], str(trained["X"][i]))
        for i in best
        if cosine[i] > 1e-9
    )


# -- the picture -----------------------------------------------------------------------------------


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
    _draw_words(result, fig.add_axes((0.155, 0.07, 0.245, 0.29)))
    _draw_nearest(result, fig.add_axes((0.445, 0.02, 0.55, 0.8)))
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
            color="white" if inside else "#444444",
        )
    if not words:
        what = "only function words" if result.left_out else "no words"
        ax.text(0.5, 3, what, ha="center", va="center", fontsize=9.5, color="#666666")
    more = len(result.words) - len(words)
    left = (
        f"left out: {_short(_drawable(', '.join(result.left_out)), 40)}" if result.left_out else ""
    )
    note = "; ".join(part for part in (f"and {more} more" if more > 0 else "", left) if part)
    ax.set_xlabel(note, fontsize=8.5, color="#666666", labelpad=2, x=0.2)


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
            body = textwrap.wrap(text, 76)
            lines = body[:2] if len(body) <= 2 else [body[0], f"{body[1][:70].rstrip()} …"]
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
            start="Finds where the slope of a cost vanishes by walking downhill.",
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
)
