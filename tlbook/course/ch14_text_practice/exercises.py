"""Exercises of chapter 14: TF-IDF by hand, votes of unseen words, a figure, two leaks, a choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unittest import mock

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from tlbook.course.exercises.checkers import Probe, Wrong, kind, on
from tlbook.course.exercises.core import Exercise
from tlbook.course.exercises.quizzes import choice

# -- q1: a TF-IDF row -----------------------------------------------------------------------------


def tfidf_row(counts, found_in, n):
    """Return the TF-IDF row of one text, of length one."""
    tf = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0)
    row = tf * (1 + np.log((1 + n) / (1 + found_in)))
    return row / np.linalg.norm(row)


def _unit(row: np.ndarray) -> np.ndarray:
    return row / np.linalg.norm(row)


def _tf(counts: np.ndarray) -> np.ndarray:
    return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0)


def _idf(found_in: np.ndarray, n: int) -> np.ndarray:
    return 1 + np.log((1 + n) / (1 + found_in))


LOG_OF_ZERO = (
    "A word that does not stand in the text gives NaN or infinity: the logarithm of 0. Its entry "
    "is 0."
)
A_TEXT = np.array([3, 1, 0, 2]), np.array([2, 9, 5, 20]), 20

q1 = Exercise(
    "q1",
    "Write tfidf_row(counts, found_in, n): the TF-IDF row of one text, of length one.",
    tfidf_row,
    mistakes={
        LOG_OF_ZERO: lambda counts, found, n: _unit((1 + np.log(counts)) * _idf(found, n)),
        "The counts go in as they are. A word that stands there three times does not say three "
        "times as much: use 1 + ln n for n > 0.": lambda counts, found, n: _unit(
            counts * _idf(found, n)
        ),
        "That is ln(N / N_w): a word that stands in every text gets weight 0. Ours is smoothed "
        "and never 0: 1 + ln((1 + N) / (1 + N_w)).": lambda counts, found, n: _unit(
            _tf(counts) * np.log(n / found)
        ),
        "The row is not of length one: long texts would weigh more.": lambda counts, found, n: (
            _tf(counts) * _idf(found, n)
        ),
        "The entries sum to one, but the length of the row is its Euclidean "
        "norm.": lambda counts, found, n: (
            tfidf_row(counts, found, n) / tfidf_row(counts, found, n).sum()
        ),
    },
    probes=[
        Probe("finite", lambda answer: bool(np.isfinite(on(*A_TEXT)(answer)).all())),
        Probe("the row", on(*A_TEXT)),
    ],
    hints=(
        "Three steps: damp the counts, weigh the words by how rare they are, bring the row to "
        "length one.",
        "1 + ln(count), but 0 where the count is 0; times 1 + ln((1 + n) / (1 + found_in)).",
        "np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) avoids the logarithm of 0; "
        "divide by np.linalg.norm(row).",
    ),
)

# -- q2: the experiment with another topic ---------------------------------------------------------

BANDS = {"usual": (0.05, 0.22), "neutral": (0.0, 0.02)}
"""Shares of torch answered "sparse" with ten sparse texts; seeds 0 to 9 and 20 to 22 gave 0.08 to
0.14 and 0.00 to 0.01. With every sparse text left in, neutral smoothing gave 0.03 to 0.11."""

PERCENT = "Give shares between 0 and 1, not percent."
SWAPPED = "The two are swapped: with the usual smoothing the small topic gets more answers."
ALL_TEXTS = (
    "{neutral} is too high for neutral smoothing. Did the other sparse texts stay in the source? "
    "Keep texts 0 to 9 of topic 4, and every text of the other topics."
)
NO_VOTE = (
    "{usual} is too low for the usual smoothing. Are torch's own words columns? Fit the vectorizer "
    "on the texts of both domains, and take α = 0.03."
)
TOO_MANY = "{usual} is too high for the usual smoothing. Were all other topics kept whole?"


def _check_shares(answer: Any) -> None:
    if not isinstance(answer, Mapping):
        raise Wrong(f"Answer with a dictionary of usual and neutral, not with {kind(answer)}.")
    if set(answer) != set(BANDS):
        raise Wrong("The dictionary has these keys: usual and neutral.")
    try:
        share = {name: float(answer[name]) for name in BANDS}
    except (TypeError, ValueError):
        raise Wrong("Both shares should be numbers.") from None
    (low, high), (_, highest) = BANDS.values()
    shown = {name: f"{value:.3g}" for name, value in share.items()}
    if not all(np.isfinite(value) and value >= 0 for value in share.values()):
        raise Wrong("Both shares should be numbers between 0 and 1.")
    if max(share.values()) > 1:
        raise Wrong(PERCENT)
    if low <= share["neutral"] <= high and share["usual"] <= highest:
        raise Wrong(SWAPPED)
    if share["neutral"] > highest:
        raise Wrong(ALL_TEXTS.format(**shown))
    if share["usual"] < low:
        raise Wrong(NO_VOTE.format(**shown))
    if share["usual"] > high:
        raise Wrong(TOO_MANY.format(**shown))


q2 = Exercise(
    "q2",
    "Ten sparse texts in the source: which share of torch is answered sparse?",
    {"usual": 0.11, "neutral": 0.0},
    mistakes={
        PERCENT: {"usual": 11.0, "neutral": 0.0},
        SWAPPED: {"usual": 0.0, "neutral": 0.11},
        ALL_TEXTS.format(neutral="0.07"): {"usual": 0.09, "neutral": 0.07},
        NO_VOTE.format(usual="0.01"): {"usual": 0.01, "neutral": 0.0},
        TOO_MANY.format(usual="0.6"): {"usual": 0.6, "neutral": 0.0},
    },
    check=_check_shares,
    hints=(
        "drop = np.flatnonzero(task.source.y == 4)[10:] are the texts that leave.",
        "X = np.delete(task.source.X, drop), and the same for y. A new TfidfVectorizer(**options) "
        "learns its words from [*X, *task.target.X].",
        "For each of the two models: np.mean(model.fit(Z, y).predict(Z_torch) == 4).",
    ),
    because="With seed 0 the shares were 0.11 and 0.00; another seed gives others near these.",
)

# -- q3: read the figure ---------------------------------------------------------------------------

q3 = Exercise(
    "q3",
    "How many labels per topic lift the encoder without the source above the dotted line?",
    9,
    mistakes={
        "That is the solid green line: with the source. Without it the line is dashed.": 5,
        "That is the number of all labels. The axis counts labels per topic.": 54,
        "With two labels per topic the dashed green line is far below the dotted one.": 2,
        "Between 5 and 9 nothing was measured: give a number at which there is a point.": 7,
    },
    hints=(
        "The encoder is green; without the source its line is dashed.",
        "Go along the dashed green line until a point lies above the dotted one.",
    ),
)

# -- q4: two leaks ---------------------------------------------------------------------------------


def honest_accuracy(texts, labels):
    """Return the accuracy on texts that the model has met in no form."""
    texts, labels = np.array(texts, dtype=object), np.array(labels)
    content = [" ".join(text.lower().split()) for text in texts]
    split = GroupShuffleSplit(1, test_size=0.25, random_state=0)
    train, test = next(split.split(texts, labels, content))
    model = make_pipeline(TfidfVectorizer(), MultinomialNB())
    return model.fit(texts[train], labels[train]).score(texts[test], labels[test])


def _as_it_came(texts: Any, labels: Any) -> float:
    rows = TfidfVectorizer().fit_transform(texts)
    train, test, y, y_test = train_test_split(rows, labels, random_state=0)
    return MultinomialNB().fit(train, y).score(test, y_test)


def _only_the_words(texts: Any, labels: Any) -> float:
    train, test, y, y_test = train_test_split(texts, labels, random_state=0)
    return make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(train, y).score(test, y_test)


def _only_the_copies(texts: Any, labels: Any) -> float:
    TfidfVectorizer().fit(texts)
    return honest_accuracy(texts, labels)


def _equal_letter_by_letter(texts: Any, labels: Any) -> float:
    texts, labels = np.array(texts, dtype=object), np.array(labels)
    split = GroupShuffleSplit(1, test_size=0.25, random_state=0)
    train, test = next(split.split(texts, labels, texts))
    model = make_pipeline(TfidfVectorizer(), MultinomialNB())
    return model.fit(texts[train], labels[train]).score(texts[test], labels[test])


def _corpus(forms: Any) -> tuple[list[str], list[int]]:
    """Return texts of random words with labels drawn by chance, each text once in each form."""
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in rng.integers(0, 900, 8)) for _ in range(80)]
    labels = rng.integers(0, 2, 80)
    rows = [(form(text), int(c)) for form in forms for text, c in zip(texts, labels, strict=True)]
    return [text for text, _ in rows], [c for _, c in rows]


def _learns(answer: Any) -> bool:
    """Return whether two plain topics are told apart."""
    rng = np.random.default_rng(0)
    things = (("matrix", "rank", "solve"), ("draw", "dice", "chance"))
    texts = [f"{' '.join(rng.choice(things[i % 2], 4))} n{i}" for i in range(80)]
    return bool(0.9 < float(answer(texts, [i % 2 for i in range(80)])) <= 1)


def _leaks(answer: Any) -> list[bool]:
    """Return whether words of test texts, equal copies, and copies in other forms get through."""
    seen: list[int] = []
    fit, fit_transform = TfidfVectorizer.fit, TfidfVectorizer.fit_transform

    def spy(function: Any) -> Any:
        def method(self: Any, raw: Any, *rest: Any, **named: Any) -> Any:
            seen.append(len(raw))
            return function(self, raw, *rest, **named)

        return method

    spies = {"fit": spy(fit), "fit_transform": spy(fit_transform)}
    with mock.patch.multiple(TfidfVectorizer, **spies):
        same = float(answer(*_corpus([str] * 4)))
    other = float(answer(*_corpus([str, str.upper, "  {} ".format, str.title])))
    return [max(seen, default=0) >= 320, same > 0.75, other > 0.75]


q4 = Exercise(
    "q4",
    "Repair honest_accuracy(texts, labels): two leaks make it too high.",
    honest_accuracy,
    mistakes={
        "Still as it came: labels drawn by chance are recognized, because copies of a training "
        "text lie in the test part.": _as_it_came,
        "The vectorizer is in its place now. But copies of a training text still lie in the test "
        "part: split by content.": _only_the_words,
        "Copies lie on one side now. But the vectorizer learns its words from the test texts, too: "
        "fit it on the training texts, or put it into a pipeline.": _only_the_copies,
        "Only texts that are equal letter by letter count as copies. Compare them without case and "
        "white space.": _equal_letter_by_letter,
    },
    probes=[
        Probe(
            "whether two plain topics are told apart",
            _learns,
            otherwise="On two topics without any word in common it should reach more than 0.9.",
        ),
        Probe("the leaks", _leaks, otherwise="Words or copies of test texts still get through."),
    ],
    hints=(
        "Where does a test text help to make the rows? And where is its copy?",
        'content = [" ".join(text.lower().split()) for text in texts] is the same for copies; '
        "GroupShuffleSplit keeps equal contents together.",
        "make_pipeline(TfidfVectorizer(), MultinomialNB()) learns its words where it is fitted: "
        "from the training texts.",
    ),
)

# -- q5: choose and defend -------------------------------------------------------------------------

q5 = choice(
    "q5",
    "An unbalanced source and a target with many new words: what do you do?",
    "C",
    {
        "A": "It won here, and the win hung on which topic happened to be small. With other class "
        "sizes the same method pushes the answers elsewhere.",
        "B": "Old words pay the price of a small class as well, and on a balanced source new words "
        "brought three points. Leaving them out is an arm, and no protection.",
        "D": "Then target labels choose. What scores best there is no longer an honest number, and "
        "in the story there are no target labels.",
    },
    hints=(
        "Which choice works whatever class is small?",
        "In section 6 one arm kept its lead without a push by the class sizes.",
    ),
)
