"""Tables of numbers as a task: columns by name, lines named, labels sealed."""

import pickle

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tlbook import data


def write(path, n=60, shift=0.0, order=("age", "dose", "label"), seed=0, sep=","):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = rng.normal(size=(n, 2)) + np.stack([3 * y, -2 * y], axis=1) + shift
    names = np.array(list("abc"))[y]
    cells = {"age": X[:, 0], "dose": X[:, 1], "label": names, "id": np.arange(n)}
    rows = [sep.join(order), *(sep.join(str(cells[c][i]) for c in order) for i in range(n))]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path, X, y


@pytest.fixture
def files(tmp_path):
    source, *_ = write(tmp_path / "a.csv")
    order = ("label", "dose", "age")
    target, *_ = write(tmp_path / "b.csv", shift=0.5, order=order, seed=1, sep=";")
    return {"source": source, "target": target}


def test_columns_go_by_name_and_labels_become_classes(files):
    task = data.load("csv-numbers", seed=0, **files)
    assert task.classes == ("a", "b", "c") and task.looks == 0
    assert task.source.X.shape == (48, 2) and len(task.validation) == 12
    assert len(task.target) == 30 and task.source.X.dtype == np.float64
    # age rises with the class, dose falls: in both files, whatever the order of their columns.
    X, y = task.label(10, seed=0)
    for rows, labels in ((task.source.X, task.source.y), (X, y)):
        means = np.array([rows[labels == c].mean(axis=0) for c in range(3)])
        assert (np.diff(means[:, 0]) > 1).all() and (np.diff(means[:, 1]) < -1).all()
    model = LogisticRegression().fit(task.source.X, task.source.y)
    assert task.score(model) > 0.8 and task.looks == 2


def test_the_splits_share_no_row_and_repeat(files):
    one, again, other = (data.load("csv-numbers", seed=s, **files) for s in (0, 0, 1))
    assert np.array_equal(one.source.X, again.source.X)
    assert not np.array_equal(one.target.X, other.target.X)
    seen = {}
    one.score(lambda X: seen.setdefault("X", X)[:, 0].astype(int))
    rows = [{tuple(r) for r in X} for X in (one.target.X, seen["X"])]
    assert len(rows[0]) == len(rows[1]) == 30 and not rows[0] & rows[1]
    assert np.array_equal(pickle.loads(pickle.dumps(one)).target.X, one.target.X)


def test_chosen_columns_a_test_file_and_one_file_alone(files, tmp_path):
    test, *_ = write(tmp_path / "c.csv", n=30, seed=2, order=("id", "dose", "age", "label"))
    task = data.load("csv-numbers", **files, test=test, columns=("dose",))
    assert task.target.X.shape == (60, 1) and task.target.X[:, 0].min() < -2
    alone = data.load("csv-numbers", target=files["target"])
    assert not alone.has_source and len(alone.target) == 30


def test_a_regression(tmp_path):
    path, *_ = write(tmp_path / "r.csv", order=("age", "dose", "id"))
    other, *_ = write(tmp_path / "s.csv", order=("age", "dose", "id"), seed=3)
    task = data.load("csv-numbers", source=path, target=other, label="id", kind="regression")
    assert task.kind == "regression" and task.source.y.dtype == float
    assert task.score(lambda X: np.full(len(X), 29.5)) == pytest.approx(17.3, abs=3)


def test_rows_that_both_files_have_are_counted(tmp_path, capsys):
    path, *_ = write(tmp_path / "a.csv")
    other, *_ = write(tmp_path / "b.csv", n=66)
    with pytest.raises(ValueError, match="source: every row of it is in target too"):
        data.load("csv-numbers", source=path, target=path)
    data.load("csv-numbers", source=path, target=other, duplicates="keep")
    assert "kept in source:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {("dose", 4): "much"},
            "columns: x.csv has 'much' in line 6, column 'dose', want a finite",
        ),
        ({("age", 0): ""}, "columns: x.csv has '' in line 2, column 'age'"),
        ({("age", 0): "nan"}, "columns: x.csv has 'nan' in line 2"),
        ({("label", 7): " "}, "label: x.csv has no label in line 9"),
        ({("label", 7): "d"}, "target: got the classes d, want classes out of a, b, c"),
        ({("age", 2): "1,2,3"}, "separator: x.csv has 5 columns in line 4"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(files, tmp_path, change, message):
    path, *_ = write_changed(tmp_path / "x.csv", change)
    with pytest.raises(ValueError, match=message):
        data.load("csv-numbers", **{**files, "target": path})


def write_changed(path, change):
    lines = write(path, seed=1)[0].read_text().splitlines()
    header = lines[0].split(",")
    for (name, row), value in change.items():
        cells = lines[row + 1].split(",")
        cells[header.index(name)] = value
        lines[row + 1] = ",".join(cells)
    if ("label", 7) in change and change["label", 7] == "d":
        lines.append(lines[8])
        lines[-1] = "9.5," + lines[-1].split(",", 1)[1]  # a second row of that class
    path.write_text("\n".join(lines) + "\n")
    return path, lines


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": None}, "target: got nothing"),
        ({"target": "/no/such.csv"}, "target: got '/no/such.csv', want a CSV file that is there"),
        ({"label": "y"}, "label: got 'y', a.csv has the columns 'age', 'dose', 'label'"),
        ({"columns": ("age", "label")}, "columns: got 'label', which is the label"),
        ({"columns": ("height",)}, "columns: got 'height', a.csv has the columns"),
        ({"kind": "ranking"}, "kind: got 'ranking'"),
        ({"duplicates": "hide"}, "duplicates: got 'hide'"),
        ({"separator": 3}, "separator: got 3, want one character"),
        ({"separator": "\n"}, "separator: got '.*n', want one character"),
    ],
)
def test_options_are_checked(files, options, message):
    if "duplicates" in options:
        options = {**options, "test": files["target"]}
    with pytest.raises(ValueError, match=message):
        data.load("csv-numbers", **{**files, **options})
