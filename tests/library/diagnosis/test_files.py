"""Files of every kind, and hostile ones: each ends in a line that names it."""

import re

import numpy as np
import pytest

from tests.library.diagnosis.worlds import clusters
from tlbook.diagnosis import diagnose_files
from tlbook.diagnosis.table_files import read_tables

QUICK = {"rehearsals": 2, "seconds": 1}


def table(path, X, y=None, columns="abcd", label="label"):
    names = list(columns) + ([label] if y is not None else [])
    lines = [",".join(names)]
    for i, row in enumerate(X):
        lines.append(
            ",".join([f"{v:.6f}" for v in row] + ([f"class {y[i]}"] if y is not None else []))
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture()
def good(tmp_path):
    return table(tmp_path / "good.csv", *clusters(60, 0))


@pytest.mark.slow
def test_two_tables_and_labeled_rows(tmp_path, good):
    X, y = clusters(60, 1)
    shuffled = table(tmp_path / "target.csv", X[:, ::-1], y, "dcba")
    labeled = table(tmp_path / "labeled.csv", X[:30], y[:30])
    report = diagnose_files(good, shuffled, labeled=labeled, **QUICK)
    assert report.columns == ("a", "b", "c", "d") and report.names == ("good.csv", "target.csv")
    at = shuffled.read_text(encoding="utf-8").splitlines()
    first = [int(number) for number in re.findall(r"\d+", report.first_named.partition(" of ")[0])]
    rows = [X[row, 0] for row in report.purchase.first]
    assert [float(at[line - 1].split(",")[3]) for line in first] == pytest.approx(rows, abs=1e-5)
    assert "label first lines " in " ".join(report.text().split())
    assert report.findings.labels.n == 30 and report.shift == "no shift"


@pytest.mark.slow
def test_arrays(tmp_path):
    X, y = clusters(60, 0)
    np.savez(tmp_path / "source.npz", X=X, y=y)
    np.savez(tmp_path / "target.npz", X=clusters(40, 1)[0])
    assert (
        diagnose_files(tmp_path / "source.npz", tmp_path / "target.npz", **QUICK).kind == "numbers"
    )
    np.save(tmp_path / "source.npy", np.column_stack([X, y]))
    np.save(tmp_path / "target.npy", np.column_stack([*clusters(40, 1)]))
    report = diagnose_files(tmp_path / "source.npy", tmp_path / "target.npy", **QUICK)
    assert report.soundness.n_features == 4


def pictures(folder, seed, classes=("dark", "light"), count=12):
    from PIL import Image

    rng = np.random.default_rng(seed)
    for c, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 100, (24, 24, 3)) + 120 * c
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{i}.png")
    return folder


@pytest.mark.slow
def test_two_picture_folders_and_a_damaged_one(tmp_path):
    source, target = pictures(tmp_path / "a", 0), pictures(tmp_path / "b", 1)
    report = diagnose_files(source, target, **QUICK)
    assert report.kind == "pictures" and set(report.soundness.classes) == {"dark", "light"}
    assert all((target / name).is_file() for name in report.first_named.split(", "))
    assert len(report.first_named.split(", ")) == len(report.purchase.first)
    (source / "dark" / "3.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"source: damaged pictures: .*3\.png"):
        diagnose_files(source, target, **QUICK)
    (target / "dark" / "3.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"target: these files cannot be read .*3\.png"):
        diagnose_files(pictures(tmp_path / "c", 2), target, **QUICK)
    with pytest.raises(ValueError, match="source: .*one alone|source: .*alone, want two"):
        diagnose_files(pictures(tmp_path / "d", 3, ("dark",)), target, **QUICK)


@pytest.mark.slow
def test_two_tables_of_texts(tmp_path):
    words = {"fruit": "apples and pears in the garden", "metal": "iron and copper in the mine"}
    for name in ("source", "target"):
        lines = ["label,text"]
        lines += [f'{c},"{words[c]}, {name} number {i}"' for i in range(12) for c in words]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    report = diagnose_files(tmp_path / "source.csv", tmp_path / "target.csv", **QUICK)
    assert report.kind == "texts"


HOSTILE = {
    "missing": (None, "want a file or a folder that is there"),
    "empty": (b"", "is empty"),
    "no rows": (b"a,b,c,d\n", "has no rows"),
    "other columns": (b"a,b,c,e\n" + b"1,2,3,4\n" * 30, "lacks d and has e"),
    "words": (b"a,b,c,d\n" + b"1,2,3,x\n" * 30, "column 'd' of t.csv is not of numbers"),
    "encoding": ("a,b,c,d\n1,2,3,é\n".encode("utf-16"), "cannot be read|is not UTF-8|lacks"),
    "latin": (b"a,b,c,d,\xe9\n" + b"1,2,3,4,5\n" * 30, "is not UTF-8"),
    "ragged": (b"a,b,c,d\n1,2,3,4\n1,2,3,4,5,6\n", "cannot be read as a table"),
    "gap": (b"a,b,c,d\n" + b"1,2,,4\n" * 30, "column c"),
    "wide": (b"a" + b",a" * 1_000_000 + b"\n", "1,000,001 columns"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_table_ends_in_one_line(what, tmp_path, good):
    content, words = HOSTILE[what]
    if content is not None:
        (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        diagnose_files(good, tmp_path / "t.csv", **QUICK)
    assert "\n" not in str(caught.value) and "target" in str(caught.value)


def test_labels_that_are_missing(tmp_path, good):
    bare = table(tmp_path / "bare.csv", clusters(30, 0)[0])
    with pytest.raises(ValueError, match="source: bare.csv has no column 'label' of labels"):
        diagnose_files(bare, good, **QUICK)
    lines = good.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4].rsplit(",", 1)[0] + ","
    (tmp_path / "gap.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match="has no label in line 5"):
        diagnose_files(tmp_path / "gap.csv", good, **QUICK)


def test_hostile_arrays(tmp_path):
    X, _y = clusters(40, 0)
    target = tmp_path / "t.npz"
    np.savez(target, X=X)
    np.save(tmp_path / "pickle.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "names.npz", rows=X)
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04 no archive")
    for name, words in {
        "pickle.npy": "pickled objects are refused",
        "names.npz": "has rows, want X and y",
        "torn.npz": "cannot be read as arrays",
    }.items():
        with pytest.raises(ValueError, match=words):
            diagnose_files(tmp_path / name, target, **QUICK)


def test_files_of_two_kinds(tmp_path, good):
    np.savez(tmp_path / "t.npz", X=clusters(40, 0)[0])
    with pytest.raises(ValueError, match="want files of one kind"):
        diagnose_files(good, tmp_path / "t.npz", **QUICK)
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    with pytest.raises(ValueError, match="t.xlsx, want a folder of pictures or a file"):
        diagnose_files(good, tmp_path / "t.xlsx", **QUICK)


def lines(path, *rows):
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def read(source, target, label="label", text="text", without=(), labeled=None):
    places = {"source": source, "target": target}
    if labeled is not None:
        places["labeled"] = labeled
    return read_tables(places, label, text, without)


def test_a_table_of_a_spreadsheet_is_read(tmp_path):
    source = lines(tmp_path / "s.csv", "age; weight; smoker; label", *["1,5;2;True;1"] * 30)
    target = lines(tmp_path / "t.csv", "weight,age,smoker", *["2,-0.5,False"] * 30)
    labeled = lines(tmp_path / "l.csv", "age,weight,smoker,label", *["1,2,True,1.0"] * 3)
    tables = read(source, target, labeled=labeled)
    given, notes = tables.given, list(tables.notes)
    assert list(given["target"][0].columns) == ["age", "weight", "smoker"]
    assert given["source"][0].to_numpy()[0].tolist() == [1.5, 2, 1]
    assert given["target"][0].to_numpy()[0].tolist() == [-0.5, 2, 0]
    assert set(given["labeled"][1]) == set(given["source"][1]) == {"1"}
    assert notes == ["decimal commas of s.csv were read in age"]


def test_columns_can_be_left_out(tmp_path):
    source = lines(tmp_path / "s.csv", "id,city,a,label", *["1,Bern,2,x"] * 30)
    target = lines(tmp_path / "t.csv", "id,a", *["1,2"] * 30)
    given = read(source, target, without=("id", "city")).given
    assert list(given["source"][0].columns) == list(given["target"][0].columns) == ["a"]
    with pytest.raises(ValueError, match="without: got 'town', want a column of s.csv, which has"):
        read(source, target, without=("town",))


def test_what_else_stands_beside_the_texts_is_said(tmp_path):
    source = lines(tmp_path / "s.csv", "text,stars,label", *["good,3,1"] * 3)
    target = lines(tmp_path / "t.csv", "text", "bad")
    tables = read(source, target)
    given, notes = tables.given, tables.notes
    assert given["target"][0] == ["bad"] and "only the column text was read" in notes[0]


UNREADABLE = {
    "a mark for nothing": ("a,label\n" + "1,x\n" * 20 + "?,x\n", "1 value.s. .* in line 22: '.'"),
    "words": ("a,label\n" + "Bern,x\n" * 9, "leave it out .--without., .* read it as texts"),
    "thousands": ("a;label\n" + "1,234;x\n" * 9, "may be a decimal comma or thousands"),
    "no header": ("1.5,2.5,x\n" + "1,2,x\n" * 9, "its first line looks like a row"),
    "another text column": (
        "comment,label\nwords,x\n",
        "no column 'text' of texts; it has comment",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_table_that_cannot_be_meant_so_is_named(what, tmp_path):
    content, words = UNREADABLE[what]
    place = tmp_path / "odd.csv"
    place.write_text(content, encoding="utf-8")
    text = lines(tmp_path / "texts.csv", "text,label", *["good,1"] * 3)
    source, target = (text, place) if "text column" in what else (place, place)
    with pytest.raises(ValueError, match=words) as caught:
        read(source, target)
    assert "odd.csv" in str(caught.value) and "\n" not in str(caught.value)


def test_loose_pictures_are_told_from_none(tmp_path):
    folder = pictures(tmp_path / "a", 0)
    loose = tmp_path / "loose"
    loose.mkdir()
    (folder / "dark" / "1.png").rename(loose / "1.png")
    with pytest.raises(ValueError, match="source: got loose with pictures beside each other"):
        diagnose_files(loose, folder, **QUICK)
    with pytest.raises(ValueError, match="without: .* only tables have columns"):
        diagnose_files(folder, folder, without=("id",), **QUICK)


def test_the_code_reads_the_same_rows_from_the_same_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    row = ["1,5; 2;True;7;b", "3; 4,25;False;7;a"]
    source = lines(tmp_path / "s.csv", "age; weight;smoker;id;class", *row * 12)
    target = lines(tmp_path / "t.csv", "weight,age,smoker", *["2,-0.5,False"] * 30)
    tables = read(source, target, label="class", without=("id",))
    space = {}
    exec("\n".join(tables.code), space)
    assert np.array_equal(space["Xs"], tables.given["source"][0].to_numpy())
    assert np.array_equal(space["Xt"], tables.given["target"][0].to_numpy())
    assert space["ys"].tolist() == tables.given["source"][1].tolist()
    texts = lines(tmp_path / "texts.csv", "text,label", "good,1", "bad,0")
    exec("\n".join(read(texts, texts).code), space)
    assert space["source_texts"] == ["good", "bad"] and space["ys"].tolist() == [1, 0]


@pytest.mark.slow
def test_the_printed_code_runs_from_the_files_to_the_answers(tmp_path, good, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X, y = clusters(60, 1)
    report = diagnose_files(good, table(tmp_path / "t.csv", 2 * X + 5, y), **QUICK)
    space = {}
    exec(report.code, space)
    assert str(tmp_path) not in report.code and len(space["answers"]) == 60
    assert set(space["answers"]) <= {f"class {c}" for c in y}
