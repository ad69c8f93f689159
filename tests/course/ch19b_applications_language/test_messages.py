"""Made texts: what they are made of, as a file of one's own, and methods on them."""

import numpy as np
import pytest

from tlbook import data
from tlbook.course.ch19b_applications_language import messages
from tlbook.course.ch19b_applications_language.made_texts import (
    CHANNELS,
    NEGATED,
    made_texts,
    write_csv,
)


@pytest.mark.parametrize("kind", list(CHANNELS))
def test_made_texts_are_different_balanced_and_seeded(kind):
    for channel in CHANNELS[kind]:
        texts, y = made_texts(kind, channel, 100, seed=4)
        assert len(set(texts)) == 100 and y.mean() == 0.5
        assert list(texts) == list(made_texts(kind, channel, 100, seed=4)[0])
        assert list(texts) != list(made_texts(kind, channel, 100, seed=5)[0])
    assert np.mean([label for _, label in NEGATED]) == 0.5


def test_a_file_of_ones_own_is_read_by_csv_texts(tmp_path):
    paths = {}
    for part, channel in zip(("source", "target"), CHANNELS["spam"], strict=True):
        paths[part] = write_csv(tmp_path / f"{channel}.csv", *made_texts("spam", channel), "spam")
    task = data.load("csv-texts", **paths)
    assert set(task.classes) == {"ham", "spam"}
    assert len(task.source.X) > 100 and len(task.target.X) > 50


def test_words_of_one_channel_say_little_about_the_other():
    task = messages.message_task("spam", 1000)
    assert task.score(messages.words(task, 0)) < 0.7
    inside = messages.words(task, 0)(task.source.X)
    assert np.mean(inside == task.source.y) > 0.95


def test_negated_accuracy_of_known_answers():
    labels = np.array([label for _, label in NEGATED])
    assert messages.negated_accuracy(lambda texts: labels) == 1.0
    assert messages.negated_accuracy(lambda texts: 1 - labels) == 0.0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("advice", "mail"), "kind: got 'advice'"),
        (("spam", "hotels"), "channel: got 'hotels'"),
        (("spam", "mail", 3), "n: got 3, want an even number"),
        (("spam", "mail", 402), "n: got 402, want an even number of at most 400"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        made_texts(*arguments)
