"""The vowel space: a dial of normalizations, and a voice to hear (chapter 19)."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.signal import periodogram

from tlbook import data, plots
from tlbook.course.ch19b_applications_language import speech
from tlbook.course.ch19b_applications_language.synthesis import RATE, synthesize
from tlbook.course.widgets.controls import Choice, Slider
from tlbook.course.widgets.experiment import Experiment, Picture
from tlbook.course.widgets.view import View
from tlbook.data.applied.vowels import GROUPS, MEANS, WORDS
from tlbook.domains import Task
from tlbook.plots.figure import headline

NORMALIZATIONS: dict[str, Callable[[Task], tuple[speech.Map, speech.Map]]] = {
    "none": lambda task: (speech.logs, speech.logs),
    "each domain": lambda task: _each_domain(task),
    "one length per speaker": lambda task: (speech.one_length, speech.one_length),
    "Lobanov": lambda task: (speech.lobanov, speech.lobanov),
    "likeliest length": lambda task: (speech.logs, speech.length_finder(task)),
}
"""Name -> what is done to rows of men and to rows of the others."""
CONTROLS = (
    Choice("target", "Who is to be recognized", ("women", "children", "everyone"), "children"),
    Choice("normalization", "Normalization", tuple(NORMALIZATIONS)),
    Choice("heard", "Vowels that each of them says", (3, 5, 10), 10, slider=True),
    Choice("voice", "Voice that you hear", GROUPS, "men"),
    Choice("word", "Its vowel, as in", WORDS),
    Slider("length", "Length of its vocal tract", 0.7, 1.3, 0.05, 1.0),
)
ANSWERS: dict[str, dict[str, Any]] = {
    "(a) none": {},
    "(b) Lobanov": {"normalization": "Lobanov"},
    "(c) Lobanov, 3 vowels": {"normalization": "Lobanov", "heard": 3},
    "(d) likeliest length, 3": {"normalization": "likeliest length", "heard": 3},
}
SEED = 1


@dataclass(frozen=True)
class Result:
    """Normalized (F1, F2) of men and of the others, right answers, and the voice that is heard."""

    params: dict[str, Any]
    men: np.ndarray
    men_y: np.ndarray
    others: np.ndarray
    right: np.ndarray
    pitch: float
    formants: np.ndarray
    sound: np.ndarray

    @property
    def accuracy(self) -> float:
        """Share of the others' vowels that the men's classifier gets right."""
        return float(self.right.mean())


@lru_cache(maxsize=32)
def _seen(target: str, normalization: str, heard: int) -> tuple[np.ndarray, ...]:
    """Return men's rows and labels, the others' rows, and which of these are recognized."""
    task = data.load("vowels", seed=SEED, target=target, heard=heard)
    of_men, of_others = NORMALIZATIONS[normalization](task)
    model = speech.fitted(task, of_men)
    shown: list[np.ndarray] = []

    def predict(X: np.ndarray) -> np.ndarray:
        shown.append(of_others(X))
        return model.predict(shown[-1])

    wrong = task.report(predict).wrong
    right = np.ones(len(shown[-1]), bool)
    right[wrong] = False
    assert task.source.y is not None
    return of_men(task.source.X), task.source.y, shown[-1], right


def _each_domain(task: Task) -> tuple[speech.Map, speech.Map]:
    def standardized(X: np.ndarray) -> speech.Map:
        Z = speech.logs(X)
        return lambda rows: (speech.logs(rows) - Z.mean(0)) / Z.std(0)

    return standardized(task.source.X), standardized(task.target.X)


def compute(
    target: str, normalization: str, heard: int, voice: str, word: str, length: float
) -> Result:
    """Normalize both sides, recognize the others by the men's classifier, and speak a vowel."""
    men, men_y, others, right = _seen(target, normalization, heard)
    pitch, *formants = MEANS[voice][WORDS.index(word)]
    shifted = np.minimum(np.array(formants) / length, 0.49 * RATE)
    sound = synthesize(float(pitch), shifted, 0.5)
    params = {
        "target": target, "normalization": normalization, "heard": heard,
        "voice": voice, "word": word, "length": length,
    }  # fmt: skip
    return Result(params, men, men_y, others, right, float(pitch), shifted, sound)


def draw(result: Result, fig: Figure) -> Figure:
    """Draw the vowel plane beside the spectrum of the voice."""
    fig.clear()
    fig.set_layout_engine("constrained")
    headline(fig, _finding(result))
    plane, spectrum = fig.subplots(1, 2, width_ratios=(1.35, 1))
    _plane(plane, result)
    _spectrum(spectrum, result)
    return fig


def _plane(ax: Axes, result: Result) -> None:
    source, target = plots.color("source"), plots.color("target")
    for rows, marker in ((result.right, "o"), (~result.right, "x")):
        Z = result.others[rows]
        ax.plot(Z[:, 1], Z[:, 0], marker, color=target, ms=4, alpha=0.45, mew=1.2, ls="")
    for vowel, word in enumerate(WORDS):
        middle = result.men[result.men_y == vowel].mean(axis=0)
        ax.plot(middle[1], middle[0], alpha=0)  # the words count for the limits, too
        under = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5}
        ax.text(middle[1], middle[0], word, color=source, fontsize=10.5, fontweight="bold",
                ha="center", va="center", bbox=under)  # fmt: skip
    ax.margins(0.08)
    ax.invert_xaxis()
    ax.invert_yaxis()
    unit = "log Hz" if result.params["normalization"] == "none" else "normalized"
    ax.set_xlabel(f"F2 ({unit}): tongue at the front ←→ at the back")
    ax.set_ylabel(f"F1 ({unit}): open ←→ closed")
    who = result.params["target"]
    ax.set_title(f"words: men's means; {who}: ● right, × wrong", fontsize=10.5)


def _spectrum(ax: Axes, result: Result) -> None:
    f, power = periodogram(result.sound.astype(float), RATE, window="hann")
    decibels = 10 * np.log10(power / power.max() + 1e-9)
    ax.plot(f, decibels, color=plots.color("baseline"), lw=1)
    for k, at in enumerate(result.formants):
        ax.plot(at, 4, "v", color=plots.color("highlight"), ms=8)
        ax.text(at, 8, f"F{k + 1}", ha="center", fontsize=10)
    ax.set(xlim=(0, RATE / 2), ylim=(-70, 16), xlabel="frequency in Hz", ylabel="decibels")
    p = result.params
    ax.set_title(f"the voice: {p['voice']}, {p['word']}, {result.pitch:.0f} Hz", fontsize=10.5)


def _finding(result: Result) -> str:
    p = result.params
    return (
        f"Learned from men, asked about {p['target']}: {100 * result.accuracy:.0f} % right "
        f"(normalization: {p['normalization']}, {p['heard']} vowels each)"
    )


def answers() -> Figure:
    """Return the vowel plane in the four states that the chapter asks for, side by side."""
    fig, axes = plots.figure(
        "Lobanov repairs the children's vowels, unless each child says only three of them",
        size="wide", columns=len(ANSWERS),
    )  # fmt: skip
    for ax, (name, state) in zip(axes, ANSWERS.items(), strict=True):
        result = compute(**EXPERIMENT.parameters(**state))
        _plane(ax, result)
        ax.set(xlabel="F2", ylabel="", xticks=[], yticks=[])
        ax.set_title(f"{name}: {100 * result.accuracy:.0f} %", fontsize=10.5)
    axes[0].set_ylabel("F1")
    return fig


def audio_tag(sound: np.ndarray, label: str) -> str:
    """Return an HTML element that plays samples in [−1, 1]; its data are inside."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    packed = base64.b64encode(buffer.getvalue()).decode()
    return f'<audio controls aria-label="{label}" src="data:audio/wav;base64,{packed}"></audio>'


class VowelView(View):
    """The live view with a player below the picture."""

    def __init__(self, experiment: Experiment, start: dict[str, Any]) -> None:
        import ipywidgets as w

        super().__init__(experiment, start)
        self.audio = w.HTML()
        self.audio.add_class("tlbook-audio")
        at = self.box.children.index(self.image)
        self.box.children = (*self.box.children[:at], self.audio, *self.box.children[at:])

    def update(self) -> Picture | None:
        """Compute and draw, and load the voice into the player."""
        picture = super().update()
        if picture is not None:
            p = self.params
            sound = compute(**self.experiment.parameters(**p)).sound
            self.audio.value = audio_tag(sound, f"{p['voice']}, {p['word']}")
        return picture


EXPERIMENT = Experiment(
    "vowel_space",
    "Which normalization lets a classifier of men understand the others?",
    compute,
    draw,
    CONTROLS,
    size=(10.6, 4.3),
    view=VowelView,
)
