"""Stored studies as chapters read them: cases, columns that pair up, words of a gain."""

import numpy as np
import pandas as pd
import pytest

from tlbook.course.results.compared import gained, rows, values

FRAME = pd.DataFrame(
    {
        "seed": [1, 0, 1, 0, 1, 0],
        "arm": ["a", "a", "b", "b", "b", "b"],
        "by": ["day", "day", "day", "day", "night", "night"],
        "accuracy": [0.5, 0.4, 0.7, 0.6, 0.3, 0.2],
    }
)


def test_values_are_sorted_by_seed():
    assert values(FRAME, "accuracy", arm="a").tolist() == [0.4, 0.5]
    assert values(FRAME, "accuracy", arm="b", by="night").tolist() == [0.2, 0.3]
    assert len(rows(FRAME, by="day")) == 4


def test_the_words_of_a_gain():
    assert gained(np.array([0.6, 0.7, 0.8]), np.array([0.5, 0.6, 0.7]), 100) == (
        "+10.0 [+10.0, +10.0]"
    )


@pytest.mark.parametrize(
    ("column", "where", "message"),
    [
        ("miles", {"arm": "a"}, "column: got 'miles'"),
        ("accuracy", {"arm": "c"}, "arm: got 'c'"),
        ("accuracy", {"tongue": 1}, "where: got 'tongue'"),
        ("accuracy", {"arm": "b"}, "want one case of by"),
    ],
)
def test_bad_input(column, where, message):
    with pytest.raises(ValueError, match=message):
        values(FRAME, column, **where)
