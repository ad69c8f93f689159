"""What is counted before any test, and what is refused in one line."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from tests.library.diagnosis.worlds import clusters
from tlbook.diagnosis import diagnose
from tlbook.diagnosis.as_numbers import checked
from tlbook.diagnosis.rows import read_rows, reduced
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


def test_a_row_number_is_named_and_a_count_is_not():
    rng = np.random.default_rng(0)
    number, other = rng.permutation(200), 5000 + np.arange(150)
    counts = rng.integers(0, 200, 200), rng.integers(0, 200, 150)
    years = np.repeat(np.arange(1900, 2000), 2), np.repeat(np.arange(1900, 1975), 2)
    salary = rng.integers(0, 10**6, 200), rng.integers(0, 10**6, 150)
    source, target = (
        np.column_stack([first, *rest]).astype(float)
        for first, rest in (
            (number, (counts[0], years[0], salary[0], rng.normal(size=200))),
            (other, (counts[1], years[1], salary[1], rng.normal(size=150))),
        )
    )
    names = ("id", "count", "year", "salary", "x")
    found = soundness(source, np.arange(200) % 2, target, names, None)
    assert found.numbering == ("id",) and "column id" in found.problems[0]


def test_columns_of_another_unit_are_named_and_moved_ones_are_not():
    rng = np.random.default_rng(1)
    source, target = (rng.lognormal(size=(n, 4)) for n in (200, 150))
    target *= [1000, 1, 1 / 1000, 1.5]
    target[:, 3] += 1
    found = soundness(source, np.arange(200) % 2, target, ("mg", "same", "m", "moved"), None)
    assert len(found.problems) == 1
    assert "hardly share a value in mg, m (nine tenths of m" in found.problems[0]


def test_columns_that_never_change_at_all_are_refused():
    with pytest.raises(ValueError, match="source: got columns that never change"):
        diagnose((np.ones((60, 2)), Y), np.ones((40, 2)))


def test_frames_of_bool_of_whole_numbers_and_sparse_rows_are_read():
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1] > 0, "c": (9 * X[:, 2]).round()})
    frame["c"] = frame["c"].astype("Int64")
    found = checked({"source": frame, "target": frame}, "numbers")["source"]
    assert found.dtype == float and found[:, 1].tolist() == frame.b.astype(float).tolist()
    frame.loc[3, "c"] = pd.NA
    with pytest.raises(ValueError, match="target: got 1 values that are NaN.* in column c"):
        checked({"source": frame.drop(index=3), "target": frame}, "numbers")
    sparse = csr_array(X)
    assert np.array_equal(checked({"source": sparse, "target": X}, "numbers")["source"], X)


def test_labels_of_many_classes_and_of_other_types_meet():
    """Eleven numbers in the order of their texts are not in the order of numbers."""
    source, y = np.repeat(np.arange(12.0)[:, None], 5, axis=0), np.repeat(np.arange(12), 5)
    given = np.array([2.0, 10.0, 11.0, 1.0])
    rows = read_rows((source, y), source, (source[:4], given))
    assert rows.labeled[1].tolist() == [2, 10, 11, 1] and rows.y.dtype.kind == "i"
    with pytest.raises(ValueError, match="labeled: got the classes 99, which the source has not"):
        read_rows((source, y), source, (source[:4], [2, 99, 1, 1]))


def test_only_the_texts_that_are_examined_are_read_by_the_network(monkeypatch):
    seen = []

    def embed(texts):
        seen.append(len(texts))
        return np.zeros((len(texts), 384))

    monkeypatch.setattr("tlbook.text.embed", embed)
    texts = [f"text number {i}" for i in range(4000)]
    rows = read_rows((texts, np.arange(4000) % 2), texts[:3000], None)
    assert sum(seen) == 3000 and len(rows.X) == len(rows.target) == 1500
    assert len(rows.contents[0]) == len(rows.labels) == 4000 and len(rows.notes) == 3
    assert len(set(rows.numbers)) == 1500 and rows.numbers.max() > 1500
    after = reduced(replace(rows, X=rows.X[:, :2], target=rows.target[:, :2]))
    assert after.notes[:3] == rows.notes and np.array_equal(after.numbers, rows.numbers)


@pytest.mark.parametrize(
    ("target", "warned"), [("good and cheap words", False), ("质量糟糕，非常失望", True)]
)
def test_texts_that_the_encoder_cannot_read_are_named(target, warned, monkeypatch):
    monkeypatch.setattr("tlbook.text.embed", lambda texts: np.zeros((len(texts), 384)))
    source = [f"an English text {i}" for i in range(20)]
    rows = read_rows((source, np.arange(20) % 2), [target] * 20, None)
    assert bool(rows.warnings) == warned
    assert not warned or "of the target texts are not in the vocabulary" in rows.warnings[0]
