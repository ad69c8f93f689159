"""D3 §4 (texts in scikit-learn): "pretrained" vectors that no step of the model reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlbook.course.ch20_clinic_and_faq.ward.patient import Cause, Patient
from tlbook.course.listings import newsgroups


def sick(seed: int) -> Any:
    """Return the answers; the seed draws the matrix of word vectors."""
    return newsgroups.run(seed=seed)["answers"]


def cured(seed: int) -> Any:
    """Return the answers of a classifier on the weighted mean of each text's word vectors."""
    return _answers(seed, C=10)


def weakly(seed: int) -> Any:
    """Return the same with a strong penalty: few answers are right, and the vectors count."""
    return _answers(seed, C=0.1)


def with_the_words(seed: int) -> Any:
    """Return the same from vectors and counted words side by side: better, and both count."""
    return _answers(seed, C=10, words=True)


def _answers(seed: int, C: float, words: bool = False) -> Any:
    from sklearn.linear_model import LogisticRegression

    space = newsgroups.run(seed=seed)
    train, test = (space["words"].transform(space[k].data) for k in ("posts", "new_task"))
    vectors = space["embedding"] - space["embedding"].mean(axis=0)
    rows = [
        np.hstack([X @ vectors, X.toarray()] if words else [X @ vectors]) for X in (train, test)
    ]
    model = LogisticRegression(C=C, max_iter=1000).fit(rows[0], space["posts"].target)
    return model.predict(rows[1])


def test(code: Any) -> None:
    """Exchange the matrix of word vectors: answers that are made from it have to change."""
    changed = int((np.asarray(code(0)) != np.asarray(code(1))).sum())
    assert changed > 0, "another matrix of word vectors changes no answer"


def symptom_test(code: Any) -> None:
    """Ask for a good accuracy, which the vectors have no part in."""
    truth = newsgroups.stand_in("test").target
    right = float((np.asarray(code(0)) == truth).mean())
    assert right < 0.6, f"{100 * right:.0f} % are right"


PATIENT = Patient(
    name="listing_newsgroups",
    story="The listing of D3 §4, with its missing attribute repaired. It announces transfer by "
    "pretrained word vectors and reports its accuracy as a proof.",
    symptom="Better word vectors make nothing better: the accuracy stays the same to the last "
    "digit.",
    promise="code(seed) returns the class of each new post; the seed draws the matrix of word "
    "vectors that the model is said to use.",
    sick=sick,
    cured=cured,
    test=test,
    differential=(
        Cause("the vectors are as good as each other", "vectors of zeros give the same answers"),
        Cause("the classifier is saturated", "with a tenth of the posts nothing changes either"),
    ),
    cure="Make the features from the vectors, or leave them out and say so.",
    chapter="14",
    healthy={
        "is weak, because its penalty is strong": weakly,
        "is good, because it counts words too": with_the_words,
    },
    symptom_test=symptom_test,
    slow=True,
)
