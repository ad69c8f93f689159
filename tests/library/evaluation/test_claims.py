"""Claims print one line, are logged, and fail when they should."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tlbook.evaluation import ClaimNotHeld, claim


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    monkeypatch.delenv("TLBOOK_CLAIM_LOG", raising=False)
    monkeypatch.delenv("TLBOOK_STRICT", raising=False)


def test_line_for_points(capsys):
    record = claim("B beats A.", [0.92, 0.90, 0.94], [0.80, 0.81, 0.79], margin=5)
    line = capsys.readouterr().out
    assert line == "✓ B beats A: +12.0 points [4.5, 19.5], asked for > 5, 3 seeds\n"
    assert record.held and record.effect == pytest.approx(12) and record.n == 3


def test_line_for_another_unit_and_a_number(capsys):
    claim("the gap is real", [0.21, 0.25], 0.1, margin=0.05, unit="nats", over="pairs")
    assert capsys.readouterr().out.startswith("✓ the gap is real: +0.13 nats [-0.124, 0.384]")
    claim("no unit", [2.0, 2.0], margin=1, unit="")
    assert capsys.readouterr().out == "✓ no unit: +2 [2, 2], asked for > 1, 2 seeds\n"


def test_not_held(capsys, monkeypatch):
    record = claim("B beats A", [0.8, 0.9], [0.8, 0.9], margin=0)  # equal is not above
    assert not record.held
    assert capsys.readouterr().out.startswith("✗ NOT held: B beats A: +0.0 points")
    with pytest.raises(ClaimNotHeld, match="B beats A"):
        claim("B beats A", [0.8, 0.9], [0.8, 0.9], margin=1, strict=True)
    monkeypatch.setenv("TLBOOK_STRICT", "1")
    with pytest.raises(AssertionError):
        claim("B beats A", [0.8, 0.9], [0.8, 0.9], margin=1)
    claim("B beats A", [0.8, 0.9], [0.8, 0.9], margin=1, strict=False)


def test_log(tmp_path, monkeypatch):
    log = tmp_path / "claims.jsonl"
    monkeypatch.setenv("TLBOOK_CLAIM_LOG", str(log))
    claim("σ is larger", [0.5, 0.7], 0.1, margin=10)
    with pytest.raises(ClaimNotHeld):
        claim("a failing one is logged too", [0.5, 0.7], 0.6, margin=10, strict=True)
    first, second = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert set(first) == {"text", "effect", "low", "high", "margin", "unit", "n", "held"}
    assert first["text"] == "σ is larger" and first["held"] and first["n"] == 2
    assert first["effect"] == pytest.approx(50)
    assert not second["held"]


def test_parallel_writers_do_not_mix_lines(tmp_path, monkeypatch):
    log = tmp_path / "claims.jsonl"
    monkeypatch.setenv("TLBOOK_CLAIM_LOG", str(log))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: claim(f"claim {i}" * 20, [1.0, 2.0], margin=0), range(100)))
    assert len([json.loads(line) for line in log.read_text().splitlines()]) == 100


def test_a_claim_as_last_line_of_a_cell_shows_its_sentence_once():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell()
    shell.user_ns["claim"] = claim
    with capture_output() as captured:
        shell.run_cell("claim('B beats A', [0.9, 0.8], [0.7, 0.7], margin=5)")
    assert captured.stdout.count("B beats A") == 1
    assert "ClaimRecord" not in captured.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.1, np.nan], 0.0), "better: got 1 values that are NaN"),
        (([0.1, 0.2], [0.1, np.inf]), "worse: got 1 values that are NaN or infinite"),
        (([0.1, 0.2], [0.1, 0.2, 0.3]), "worse: got 3 values, want 2"),
        (([0.1], 0.0), r"better: got 1 value\(s\), want at least 2"),
        ((0.5, 0.0), "better: got shape"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        claim("x", *arguments, margin=0)


def test_bad_margin_and_text():
    with pytest.raises(ValueError, match="margin: got 1 values that are NaN"):
        claim("x", [1.0, 2.0], margin=float("nan"))
    with pytest.raises(ValueError, match="margin: got shape"):
        claim("x", [1.0, 2.0], margin=[1])
    with pytest.raises(ValueError, match="text: got ' '"):
        claim(" ", [1.0, 2.0], margin=0)
