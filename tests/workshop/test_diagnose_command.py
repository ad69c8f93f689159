"""``tlbook diagnose`` on two files: a report on the screen and in a folder, errors in one line."""

import sys

import numpy as np

from tests.library.diagnosis.worlds import clusters
from tlbook.workshop.cli import main


def test_a_report_on_two_arrays(tmp_path, capsys):
    X, y = clusters(60, 0)
    np.savez(tmp_path / "a.npz", X=X, y=y)
    np.savez(tmp_path / "b.npz", X=clusters(40, 1)[0])
    paths = [str(tmp_path / "a.npz"), str(tmp_path / "b.npz")]
    assert main(["diagnose", *paths, "--out", str(tmp_path / "out"), "--seconds", "1"]) == 0
    shown = capsys.readouterr().out
    assert "Transfer report: a.npz → b.npz" in shown and "Kind of shift: no shift" in shown
    assert (tmp_path / "out" / "report.html").is_file()


def test_what_is_wrong_is_one_line(tmp_path, capsys):
    assert main(["diagnose", str(tmp_path / "no.csv"), str(tmp_path / "no.csv")]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("tlbook: source: got") and errors.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_named_before_the_work(tmp_path, capsys, monkeypatch):
    place = tmp_path / "a.csv"
    place.write_text("a,label\n1,x\n", encoding="utf-8")
    monkeypatch.setattr("tlbook.diagnosis.diagnose_files", None)  # is not reached
    assert main(["diagnose", str(place), str(place), "--out", str(place)]) == 1
    errors = capsys.readouterr().err
    assert "--out: got" in errors and "want a folder" in errors and errors.count("\n") == 1


def test_columns_are_left_out_by_name(tmp_path, capsys):
    place = tmp_path / "a.csv"
    place.write_text("a,city,id,label\n" + "1,Bern,7,x\n" * 30, encoding="utf-8")
    options = ["--without", "city", "--without", "town"]
    assert main(["diagnose", str(place), str(place), *options]) == 1
    assert "without: got 'town', want a column of a.csv" in capsys.readouterr().err


def test_a_missing_extra_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    place = tmp_path / "a.csv"
    rows = "".join(f"good word {i},{i % 2}\n" for i in range(30))
    place.write_text("text,label\n" + rows, encoding="utf-8")
    assert main(["diagnose", str(place), str(place)]) == 1
    errors = capsys.readouterr().err
    assert "pip install 'tlbook[text]'" in errors and errors.count("\n") == 1
