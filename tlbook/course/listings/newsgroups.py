"""D3 §4, text classification in scikit-learn that is called transfer: nothing is transferred.

The posts come from :func:`stand_in`, a few hundred ``docstrings`` in the form in which
:func:`sklearn.datasets.fetch_20newsgroups` gives posts, so that all of it runs without a network.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest import mock

import numpy as np

from tlbook.course.listings.fault import Fault, Listing

AS_PUBLISHED = """\
import numpy as np
from sklearn.datasets import fetch_20newsgroups
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline

posts = fetch_20newsgroups(subset="train")
embedding = np.random.rand(len(posts.vocabulary_), 100)  # "the pretrained word vectors"
model = Pipeline([
    ("words", TfidfVectorizer(ngram_range=(1, 2), max_features=10_000)),
    ("bayes", MultinomialNB()),
])
model.fit(posts.data, posts.target)
new_task = fetch_20newsgroups(subset="test")
answers = model.predict(new_task.data)
print(accuracy_score(new_task.target, answers))
"""
"""The listing with its mistakes, in our words."""

VOCABULARY = AS_PUBLISHED.replace(
    "embedding = np.random.rand(len(posts.vocabulary_), 100)",
    "words = TfidfVectorizer(ngram_range=(1, 2), max_features=10_000).fit(posts.data)\n"
    "embedding = np.random.rand(len(words.vocabulary_), 100)",
)
"""The same with its exception out of the way: the words are those of a fitted vectorizer."""

RELATED = (
    ("eigenvalue", "determinant"),
    ("probability", "chance"),
    ("spectrum", "frequency"),
    ("gradient", "slope"),
    ("zero", "nothing"),
    ("matrix", "vector"),
    ("factorial", "gamma"),
    ("filter", "smooth"),
    ("draw", "sample"),
    ("minimum", "smallest"),
)
"""Word pairs that anyone who knows the words would put together."""


@cache
def stand_in(subset: str = "train", remove: tuple[str, ...] = ()) -> Any:
    """Return NumPy and SciPy ``docstrings`` in the form of ``fetch_20newsgroups``.

    Parameters
    ----------
    subset : {"train", "test"}
        Two halves by chance (those of 20 Newsgroups are cut by date).
    remove : tuple of str
        With anything in it, names and label words are taken out of the texts, as headers, footers
        and quotes are there: ``leakage="removed"`` instead of ``"kept"``.
    """
    from sklearn.utils import Bunch

    from tlbook import data

    task = data.load("docstrings", seed=100, leakage="removed" if remove else "kept")
    order = np.random.default_rng(100).permutation(len(task.source.X))
    half = len(order) // 2
    rows = order[:half] if subset == "train" else order[half:]
    assert task.source.y is not None
    return Bunch(
        data=list(task.source.X[rows]),
        filenames=np.array([f"{subset}/{row}" for row in rows]),
        target_names=list(task.classes),
        target=task.source.y[rows],
        DESCR="docstrings of NumPy and SciPy in the form of 20 Newsgroups",
    )


def run(code: str = VOCABULARY, seed: int = 0) -> dict[str, Any]:
    """Run the listing on the stand-in and return its variables; nothing is printed."""

    def fetch(subset: str = "train", remove: tuple[str, ...] = (), **_: Any) -> Any:
        return stand_in(subset, tuple(remove))

    def draw(*shape: int) -> Any:
        return rng.random(shape)

    rng = np.random.default_rng(seed)
    space: dict[str, Any] = {"print": lambda *_: None}
    posts = mock.patch("sklearn.datasets.fetch_20newsgroups", fetch)
    with posts, mock.patch("numpy.random.rand", draw):
        exec(code, space)
    return space


def related_words(vectors: Callable[[list[str]], np.ndarray]) -> float:
    """Return how often a related pair is closer than two words of different pairs; chance 0.5."""
    rows = vectors([word for pair in RELATED for word in pair])
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosine = unit[::2] @ unit[1::2].T
    others = cosine[~np.eye(len(RELATED), dtype=bool)]
    return float(np.mean(np.diag(cosine)[:, None] > others[None]))


def _random_words(words: list[str]) -> np.ndarray:
    return np.random.default_rng(0).random((len(words), 100))


def _minilm_words(words: list[str]) -> np.ndarray:
    from tlbook.text import embed

    return embed(words, device="cpu", keep=False)


def answers_changed() -> int:
    """Return how many answers of the listing change with another "pretrained" matrix."""
    return int((run(seed=0)["answers"] != run(seed=1)["answers"]).sum())


def answers_changed_if_used() -> int:
    """Return the same where a text *is* the weighted mean of its words' vectors."""
    from sklearn.linear_model import LogisticRegression

    answers = []
    for seed in (0, 1):
        space = run(seed=seed)
        words = space["words"]
        train, test = (words.transform(space[k].data) for k in ("posts", "new_task"))
        train, test = train @ space["embedding"], test @ space["embedding"]
        model = LogisticRegression(C=10, max_iter=1000).fit(train, space["posts"].target)
        answers.append(model.predict(test))
    return int((answers[0] != answers[1]).sum())


def _apart(target: list[str]) -> float:
    """Proxy A-distance between the training half and what is called the new task."""
    from sklearn.linear_model import LogisticRegression

    from tlbook.distances import proxy_a_distance
    from tlbook.text import tfidf

    source = stand_in("train", ("headers",)).data
    rows = tfidf(50).fit([*source, *target]).transform
    classifier = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
    return proxy_a_distance(rows(source), rows(target), classifier)


def _torch_texts() -> list[str]:
    from tlbook import data

    return list(data.load("docstrings", seed=100).target.X)


def giveaways(remove: tuple[str, ...]) -> list[str]:
    """Return those of the five strongest words of each topic that name the topic or its module."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB

    from tlbook.data.docstrings.clean import LABEL_WORDS, LIBRARY_WORDS

    posts = stand_in("train", remove)
    words = TfidfVectorizer(stop_words="english", token_pattern=r"(?u)\b[^\W\d]{2,}\b")
    model = MultinomialNB(alpha=0.1).fit(words.fit_transform(posts.data), posts.target)
    names, scores = words.get_feature_names_out(), model.feature_log_prob_
    telling = re.compile(rf"(?:{LABEL_WORDS}|{LIBRARY_WORDS})", re.IGNORECASE)
    lead = scores - np.stack([np.delete(scores, c, axis=0).max(axis=0) for c in range(len(scores))])
    strongest = {names[i] for row in lead for i in np.argsort(-row)[:5]}
    return sorted(word for word in strongest if telling.fullmatch(word))


def unused(code: str) -> list[str]:
    """Return the names that a piece of code imports and never uses."""
    tree = ast.parse(code)
    imports = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    made = {alias.asname or alias.name for node in imports for alias in node.names}
    return sorted(made - {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})


SPLIT = VOCABULARY.replace(
    "model.fit(posts.data, posts.target)",
    "kept, held, kept_y, held_y = train_test_split(posts.data, posts.target, random_state=0)\n"
    "for alpha in (1.0, 0.1, 0.01):\n"
    "    model.set_params(bayes__alpha=alpha).fit(kept, kept_y).score(held, held_y)",
)
"""The same with its split in use: settings are compared on posts held out."""

TUNED = VOCABULARY.replace(
    "model.fit(posts.data, posts.target)",
    "from sklearn.model_selection import GridSearchCV\n"
    'model = GridSearchCV(model, {"bayes__alpha": [1.0, 0.1, 0.01]}, cv=5)\n'
    "model.fit(posts.data, posts.target)",
)
"""The same with the smoothing chosen by cross-validation within the training half."""


def worst_recall(code: str) -> float:
    """Return which share of its texts the worst topic finds again."""
    from sklearn.metrics import recall_score

    space = run(code)
    return float(recall_score(space["new_task"].target, space["answers"], average=None).min())


LISTING = Listing(
    name="newsgroups",
    document="D3 §4",
    chapter="14",
    promise="Transfers pretrained word vectors to a new text task.",
    faults=(
        Fault(
            "an attribute that does not exist",
            wrong="asks the bunch of posts for vocabulary_",
            symptom="AttributeError in the second step",
            repair="the words belong to the fitted vectorizer: take its vocabulary_",
            broken=lambda: len(run(AS_PUBLISHED)["embedding"]),
            repaired=lambda: len(run(VOCABULARY)["embedding"]),
            healthy=lambda value: value > 0,
            show=lambda value: f"a row for each of {value:,} words",
        ),
        Fault(
            "random numbers called pretrained",
            wrong="draws the word vectors from a uniform distribution",
            symptom="related words are no closer than any two",
            repair="load vectors that were trained on text (here MiniLM)",
            broken=lambda: related_words(_random_words),
            repaired=lambda: related_words(_minilm_words),
            healthy=lambda value: value > 0.8,
            show=lambda value: f"related words closer in {100 * value:.0f} % (chance 50 %)",
        ),
        Fault(
            "vectors that nothing uses",
            wrong="never hands the matrix to the pipeline",
            symptom="every answer is the same, whatever the matrix holds",
            repair="make the features from it",
            broken=answers_changed,
            repaired=answers_changed_if_used,
            healthy=lambda value: value > 0,
            show=lambda value: f"another matrix changes {value} answers",
        ),
        Fault(
            "two halves of one corpus",
            wrong="calls the test half of the same groups the new task",
            symptom="no classifier can tell the two apart: neither domain nor task has changed",
            repair="a target from somewhere else, or with other classes",
            broken=lambda: _apart(stand_in("test", ("headers",)).data),
            repaired=lambda: _apart(_torch_texts()),
            healthy=lambda value: value > 0.5,
            show=lambda value: f"proxy A-distance {value:.2f} (0: the same, 2: separate)",
        ),
        Fault(
            "headers, footers and quotes kept",
            wrong="leaves in the texts what names their group",
            symptom="the strongest words name the answer, and the accuracy is not one on prose",
            repair='remove=("headers", "footers", "quotes")',
            broken=lambda: giveaways(()),
            repaired=lambda: giveaways(("headers", "footers", "quotes")),
            healthy=lambda value: not value,
            show=lambda value: (
                f"{len(value)} of the strongest words give the answer away"
                + (f": {', '.join(value[:6])}" if value else "")
            ),
        ),
        Fault(
            "a split that is never made",
            wrong="imports train_test_split and never calls it",
            symptom="nothing is left to choose settings on but the test half",
            repair="hold a part of the training half out, and choose on it",
            broken=lambda: unused(VOCABULARY),
            repaired=lambda: unused(SPLIT),
            healthy=lambda value: not value,
            show=lambda value: f"imported, never used: {', '.join(value) or 'nothing'}",
        ),
        Fault(
            "one setting and one accuracy",
            wrong="leaves alpha at 1 and prints nothing but the accuracy of all posts",
            symptom="small topics are hardly ever answered, and nothing shows it",
            repair="choose alpha by cross-validation; print classification_report",
            broken=lambda: worst_recall(VOCABULARY),
            repaired=lambda: worst_recall(TUNED),
            healthy=lambda value: value > 0.5,
            show=lambda value: f"the worst topic finds {100 * value:.0f} % of its texts",
        ),
    ),
)
