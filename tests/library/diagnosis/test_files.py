"""Files of every kind, and hostile ones: each ends in a line that names it."""

import numpy as np
import pytest

from tests.library.diagnosis.worlds import clusters
from tlbook.diagnosis import diagnose_files

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
