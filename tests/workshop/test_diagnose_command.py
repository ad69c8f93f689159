"""``tlbook diagnose`` on two files: a report on the screen and in a folder, errors in one line."""

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
