"""What is counted before any test, and what is refused in one line."""

import numpy as np
import pytest

from tests.library.diagnosis.worlds import clusters
from tlbook.diagnosis import diagnose
from tlbook.diagnosis.soundness import soundness

X, Y = clusters(60, 0)
TARGET, _ = clusters(40, 1)


def test_copies_twins_and_dead_columns_are_counted():
    source, target, y = X.copy(), TARGET.copy(), Y.copy()
    source[:, 3] = 7
    target[:, 3] = 7
    source[1] = source[0]
    y[0], y[1] = 0, 1
    target[:5] = source[2:7]
    target[:, 2] = 1
    source[2:7, 2] = 1
    found = soundness(source, y, target, ("a", "b", "c", "d"), None)
    assert (found.copies_across, found.copies_source, found.disputed) == (5, 1, 2)
    assert found.constant == ("c", "d")
    assert any("column c is constant in the target" in each for each in found.problems)


def test_sound_data_are_called_sound():
    big, y = clusters(200, 2)
    found = soundness(big, y, clusters(150, 3)[0], ("a", "b", "c", "d"), None)
    assert found.problems == ()


def with_value(value):
    rows = X.copy()
    rows[3, 1] = value
    return rows


WIDE = np.zeros((30, 1_000_000), dtype=np.int8)

HOSTILE = {
    "no pair": ({"source": X}, "source: got ndarray, want a pair"),
    "empty": ({"source": (X[:0], Y[:0])}, "source: got 0 rows"),
    "few": ({"target": TARGET[:5]}, "target: got 5 rows, want at least 20"),
    "one class": ({"source": (X, np.zeros(60))}, "y of source: got 1 class"),
    "rare class": ({"source": (X, np.r_[9, np.zeros(29), np.ones(30)])}, "1 row(s) of class"),
    "numbers": ({"source": (X, np.arange(60.0))}, "60 different labels in 60 rows"),
    "NaN": ({"source": (with_value(np.nan), Y)}, "NaN, infinite or beyond 1e100 in column number"),
    "infinite": ({"source": (with_value(np.inf), Y)}, "column number 1"),
    "enormous": ({"source": (with_value(1e200), Y)}, "beyond 1e100"),
    "NaN in the target": ({"target": TARGET * np.nan}, "target: got 40 values"),
    "a million columns": ({"source": (WIDE, np.arange(30) % 2)}, "1,000,000 columns"),
    "no columns": ({"source": (X[:, :0], Y)}, "0 columns"),
    "other columns": ({"target": TARGET[:, :3]}, "target: got rows of shape (3,), want (4,)"),
    "labels too few": ({"source": (X, Y[:5])}, "got 5 labels, want 60"),
    "missing labels": ({"source": (X, np.array([None, *Y[1:]], object))}, "1 missing label"),
    "words": ({"source": (X.astype(str).astype(object), Y)}, "source:"),
    "unknown class": ({"labeled": (TARGET, np.full(40, 8))}, "classes 8, which the source has"),
    "kind": ({"kind": "sounds"}, "kind: got 'sounds'"),
    "budget": ({"seconds": 0}, "seconds: got 0"),
    "rehearsals": ({"rehearsals": 1}, "rehearsals: got 1"),
    "pixels": ({"source": (np.full((60, 1, 8, 8), 3.0), Y)}, "pixels outside [0, 1]"),
    "blank text": ({"source": (["word"] * 59 + [" "], Y), "target": ["a"] * 40}, "empty text"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_input_ends_in_one_line(what):
    given, words = HOSTILE[what]
    with pytest.raises(ValueError) as caught:
        diagnose(**{"source": (X, Y), "target": TARGET, **given})
    message = str(caught.value)
    assert words in message and "\n" not in message and len(message) < 400
