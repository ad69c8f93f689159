"""CSV files of one's own: one or two, with an official test file, each in its own form."""

import pickle

import numpy as np
import pytest

from tlbook import data
from tlbook.domains import label_all


@pytest.fixture
def tables(tmp_path):
    source, target = tmp_path / "books.csv", tmp_path / "films.csv"
    rows = [f'"a {c} book, number {i}",{c}' for i in range(30) for c in ("good", "bad", "dull")]
    source.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    rows = [f"{c},the film {i} 好" for i in range(10) for c in ("bad", "good")]
    target.write_text("stars,review\n" + "\n".join(rows) + "\n", encoding="utf-8-sig")
    return source, target


def test_two_tables_become_a_task(tables, tmp_path):
    source, target = tables
    again = tmp_path / "films2.csv"
    again.write_text(target.read_text("utf-8-sig").replace("stars,review", "label,text"), "utf-8")
    task = data.load("csv-texts", source=source, target=again, seed=1)
    assert task.classes == ("bad", "dull", "good")
    assert len(task.source) == 72 and len(task.validation) == 18
    for text, label in zip(task.source.X, task.source.y, strict=True):
        assert text.startswith(f"a {task.classes[label]} book, number")
    assert len(task.target.X) == 10 and all("好" in text for text in task.target.X)
    X, y = task.label(5, seed=0)
    assert len(X) == 10 and set(y) == {0, 2}
    assert task.score(lambda texts: np.zeros(len(texts), int)) == 0.5
    assert pickle.loads(pickle.dumps(task)).source.X.tolist() == task.source.X.tolist()
    other = data.load("csv-texts", source=source, target=again, seed=2)
    assert other.target.X.tolist() != task.target.X.tolist()
    few = data.load("csv-texts", source=source, target=again, n_source=30, n_target=4)
    assert len(few.source) == 24 and len(few.target.X) == 4
    assert np.bincount(np.concatenate([few.source.y, few.validation.y])).tolist() == [10] * 3


def test_other_columns_and_separators(tmp_path):
    path = tmp_path / "t.tsv"
    lines = [f"{i}\tword {i}\t{'ab'[i % 2]}" for i in range(8)]
    path.write_text("id\treview\tkind\n" + "\n".join(lines), "utf-8")
    other = tmp_path / "o.csv"
    other.write_text(
        "text;label\n" + "\n".join(f"wört {i};{'ab'[i % 2]}" for i in range(8)), "cp1252"
    )
    task = data.load(
        "csv-texts",
        source=path,
        target=other,
        text=("review", "text"),
        label=("kind", "label"),
        encoding=("utf-8", "cp1252"),
    )
    assert task.classes == ("a", "b") and all(t.startswith("word") for t in task.source.X)
    assert all(t.startswith("wört") for t in task.target.X)
    again = pickle.loads(pickle.dumps(task))
    assert again.target.X.tolist() == task.target.X.tolist()


def write(path, texts, labels="ab"):
    rows = [f"{text},{labels[i % len(labels)]}" for i, text in enumerate(texts)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def numbered(word, n):
    return [f"{word} {i}" for i in range(n)]


def graded(task):
    seen = []
    task.score(lambda texts: seen.extend(texts) or np.zeros(len(texts), int))
    return seen


def test_one_file_alone_is_the_target(tmp_path):
    texts = numbered("word", 20)
    path = write(tmp_path / "own.csv", [*texts, *(text.upper() for text in texts)])
    task = data.load("csv-texts", target=path)
    assert not task.has_source and task.classes == ("a", "b")
    learned, asked = set(map(str.lower, task.target.X)), set(map(str.lower, graded(task)))
    assert not learned & asked and learned | asked == set(texts)
    assert len(label_all(task)[0]) == 20 and task.look_log[-1] == "label: all 20 rows"


def test_an_official_test_file_and_whole_unbalanced_training_files(tmp_path, capsys):
    train = write(tmp_path / "train.csv", numbered("train", 30), "aaaaaaaaab")
    test = write(tmp_path / "test.csv", [*numbered("test", 6), "Train  0"])
    task = data.load("csv-texts", target=train, test=test)
    assert capsys.readouterr().out == "left out of target: 1 rows that test has too\n"
    assert sorted(graded(task)) == sorted([*numbered("test", 6), "Train  0"])
    X, y = label_all(task)
    assert np.bincount(y).tolist() == [26, 3] and "train 0" not in X
    kept = data.load("csv-texts", target=train, test=test, duplicates="keep")
    assert len(label_all(kept)[1]) == 30
    assert capsys.readouterr().out == "kept in target: 1 rows that test has too\n"


def test_copies_between_source_and_target_are_found(tmp_path, capsys):
    source = write(tmp_path / "s.csv", [*numbered("source", 20), "Target 3", "target  4"])
    target = write(tmp_path / "t.csv", numbered("target", 20))
    task = data.load("csv-texts", source=source, target=target)
    assert capsys.readouterr().out == "left out of source: 2 rows that target has too\n"
    every = [*task.source.X, *task.validation.X]
    assert sorted(every) == sorted(numbered("source", 20))
    with pytest.raises(ValueError, match="source: every row of it is in target too"):
        data.load("csv-texts", source=target, target=target)
    with pytest.raises(ValueError, match="duplicates: got 'hide', want one of 'drop', 'keep'"):
        data.load("csv-texts", source=source, target=target, duplicates="hide")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (None, "source: got '.*own.csv', want a CSV file that is there"),
        (b"", "source: own.csv is empty"),
        (b"text,label\n", "source: own.csv has no row with a text and a label"),
        (b"text,label\na,x\nb,x\n", "source: own.csv has one class, x; want two"),
        (b"text,label\na,x\nb,x\nc,y\n", r"too few texts \(y\), want 2 a class"),
        (b"words,label\na,x\n", "text: got 'text', own.csv has the columns 'words', 'label'"),
        (b"text,stars\na,x\n", "label: got 'label', own.csv has the columns 'text', 'stars'"),
        (b"text,label\n\xff\xfe,x\n", "encoding: own.csv is not utf-8"),
        (b"text,label\na,b,c,d\ne,f\ng,h,i,j,k\n", "separator: own.csv has 4 columns in line 2"),
        (b'text,label\n"a,x\n', "quoting: own.csv has a quote without its partner in line 2"),
    ],
)
def test_unfit_tables_are_named(tmp_path, written, message):
    path = tmp_path / "own.csv"
    if written is not None:
        path.write_bytes(written)
    with pytest.raises(ValueError, match=message):
        data.load("csv-texts", source=path, target=path)


def test_the_target_must_have_classes_of_the_source(tables):
    source, target = tables
    with pytest.raises(ValueError, match="text: got 'text', films.csv has the columns"):
        data.load("csv-texts", source=source, target=target)
    options = {"text": "review", "label": "stars"}
    target.write_text("stars,review\nodd,x\nodd,y\n", "utf-8")
    source.write_text("stars,review\n" + "good,x\nbad,y\n" * 4, "utf-8")
    with pytest.raises(ValueError, match="target: got the classes odd, which source has not"):
        data.load("csv-texts", source=source, target=target, **options)
    with pytest.raises(ValueError, match="target: got nothing, want the path of a CSV file$"):
        data.load("csv-texts")
    with pytest.raises(ValueError, match="one file alone is the target"):
        data.load("csv-texts", source=source)
    with pytest.raises(ValueError, match="n_source: got 9 without source"):
        data.load("csv-texts", target=target, n_source=9)
