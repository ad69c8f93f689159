"""Claims: the four forms and three marks, the printed line, the log, and when they fail."""

import json
import math
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import tlbook
from tlbook.evaluation import ClaimNotHeld, check, claim

A, B = [0.80, 0.81, 0.79], [0.92, 0.90, 0.94]  # B - A: 12 points [4.5, 19.5]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    monkeypatch.delenv("TLBOOK_CLAIM_LOG", raising=False)
    monkeypatch.delenv("TLBOOK_STRICT", raising=False)


@pytest.mark.parametrize(
    ("better", "worse", "options", "line"),
    [
        (B, A, {"margin": 4}, "✓ x: +12.0 points [4.5, 19.5], more than 4 asked, 3 seeds"),
        (B, A, {"margin": 5}, "~ x: +12.0 points [4.5, 19.5], more than 5 asked, 3 seeds"),
        (B, A, {"margin": 13}, "✗ NOT held: x: +12.0 points [4.5, 19.5], more than 13 asked"),
        (A, B, {"at_most": -4}, "✓ x: -12.0 points [-19.5, -4.5], at most -4 asked, 3 seeds"),
        (A, B, {"at_most": -5}, "~ x: -12.0 points [-19.5, -4.5], at most -5 asked, 3 seeds"),
        (A, B, {"at_most": -13}, "✗ NOT held: x: -12.0 points [-19.5, -4.5], at most -13 asked"),
        (A, B, {"within": 20}, "✓ x: -12.0 points [-19.5, -4.5], within ±20 asked, 3 seeds"),
        (B, A, {"within": 20}, "✓ x: +12.0 points [4.5, 19.5], within ±20 asked, 3 seeds"),
        (A, B, {"within": 13}, "~ x: -12.0 points [-19.5, -4.5], within ±13 asked, 3 seeds"),
        (A, B, {"within": 11}, "✗ NOT held: x: -12.0 points [-19.5, -4.5], within ±11 asked"),
    ],
)
def test_forms_and_marks(better, worse, options, line, capsys):
    record = claim("x", better, worse, **options)
    assert capsys.readouterr().out.startswith(line)
    assert record.mark == line[0] and record.held == (line[0] != "✗")
    assert (record.form, record.n, record.over) == (*options, 3, "seeds")
    assert record.effect == pytest.approx(100 * np.mean(np.subtract(better, worse)))


def test_a_ratio_is_the_geometric_mean_with_the_interval_of_the_logarithms(capsys):
    slow, fast = np.array([9.0, 7.5, 14.0, 8.0]), np.array([1.0, 1.1, 0.9, 1.2])
    record = claim("slower", slow, fast, ratio=4, over="runs")
    logs = np.log(slow / fast)
    span = stats.t.interval(0.95, 3, loc=logs.mean(), scale=stats.sem(logs))
    assert record.effect == pytest.approx(stats.gmean(slow / fast))
    assert (record.low, record.high) == pytest.approx(tuple(np.exp(span)))
    assert record.unit == "times" and record.mark == "✓"
    want = f"✓ slower: ×{record.effect:.3g} [{record.low:.3g}, {record.high:.3g}], "
    assert capsys.readouterr().out == want + "more than ×4 asked, 4 runs\n"
    assert claim("slower", slow, fast, ratio=record.low * 1.01).mark == "~"
    assert claim("slower", slow, fast, ratio=record.effect * 1.01).mark == "✗"


samples = st.lists(st.floats(-1, 1), min_size=3, max_size=9).map(np.array)
bounds = st.floats(-60, 60)


@given(samples, bounds)
def test_at_most_is_more_than_in_the_mirror(values, bound):
    at_most = claim("x", values, at_most=bound)
    mirrored = claim("x", -values, margin=-bound)
    assert at_most.effect == -mirrored.effect
    assert at_most.low == pytest.approx(-mirrored.high, abs=1e-9)
    edges = np.abs(np.subtract([at_most.effect, at_most.low, at_most.high], bound))
    if edges.min() > 1e-6:  # at the bound itself one of the two holds by definition
        assert at_most.mark == mirrored.mark


@given(samples, bounds)
def test_at_most_and_more_than_are_never_both_refuted_or_both_sure(values, bound):
    marks = {claim("x", values, at_most=bound).mark, claim("x", values, margin=bound).mark}
    assert "✗" in marks and marks != {"✗"}


@pytest.mark.slow
@given(samples, st.floats(0, 60))
def test_within_is_at_most_on_both_sides(values, bound):
    order = "✗~✓".index
    both = [claim("x", v, at_most=bound).mark for v in (values, -values)]
    assert claim("x", values, within=bound).mark == min(both, key=order)


@given(st.lists(st.tuples(st.floats(0.01, 99), st.floats(0.01, 99)), min_size=2, max_size=8))
def test_a_ratio_turns_over_when_its_sides_are_exchanged(pairs):
    first, second = np.array(pairs).T
    there, back = (claim("x", a, b, ratio=1) for a, b in ((first, second), (second, first)))
    assert there.effect == pytest.approx(1 / back.effect)
    assert there.low == pytest.approx(1 / back.high)
    scaled = claim("x", 7 * first, 7 * second, ratio=1)
    assert scaled.effect == pytest.approx(there.effect)


def test_two_pairs_have_a_wide_interval_and_so_no_certainty():
    record = claim("x", [0.9, 0.8], [0.5, 0.5], margin=5)
    assert record.mark == "~" and record.low < 0
    assert record.high - record.low == pytest.approx(100 * 12.706 * 0.1, rel=1e-3)


def test_equal_differences_have_an_interval_of_no_width(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for values in ([0.25] * 3, [0.3, 0.2 + 0.1, 0.6 - 0.3]):  # the second but for rounding
            record = claim("x", values, margin=5)
            assert (record.low, record.high, record.mark) == (record.effect, record.effect, "✓")
        assert claim("x", [0.1, 0.2], [0.1, 0.2], within=0).mark == "✓"
    assert "[0.0, 0.0], within ±0 asked, 2 seeds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "mark"), [({"margin": 5}, "✗"), ({"at_most": 5}, "✓"), ({"within": 5}, "✓")]
)
@pytest.mark.parametrize("pair", [(0.85, 0.80), (0.25, 0.20), (0.05, 0.0)])
def test_rounding_does_not_decide_what_happens_at_the_bound(options, mark, pair):
    assert claim("x", [pair[0]] * 2, [pair[1]] * 2, **options).mark == mark


@pytest.mark.parametrize("options", [{"margin": 0}, {"at_most": 0}, {"within": 99}, {"ratio": 1}])
@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ([0.1, np.nan, 0.3], 0.05),
        ([0.1, 0.2, 0.3], [0.1, np.inf, 0.3]),
        ([0.1, np.inf, 0.3], [0.1, np.inf, 0.3]),
        ([0.1, 0.2, 0.3], np.nan),
    ],
)
def test_values_that_are_not_finite_refute_every_claim(better, worse, options, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record = claim("x", better, worse, **options)
    assert record.mark == "✗" and math.isnan(record.effect)
    bad = 3 if np.ndim(worse) == 0 and np.isnan(worse) else 1
    line = capsys.readouterr().out
    assert line.startswith("✗ NOT held: x: ") and f"[not finite in {bad} of 3]" in line
    with pytest.raises(ClaimNotHeld):
        claim("x", better, worse, **options, strict=True)


def test_an_interval_beyond_all_numbers_refutes(capsys):
    for values, options in (
        ([1e308, -1e308], {"unit": "", "at_most": 5}),
        ([1e300, 1e-300], {"ratio": 0.5}),
    ):
        assert claim("x", values, **options, worse=1.0).mark == "✗"
        assert "[the interval is not finite]" in capsys.readouterr().out


def test_units(capsys):
    claim("the gap is real.", [0.21, 0.25], 0.1, margin=0.05, unit="nats", over="pairs")
    line = "~ the gap is real: +0.13 nats [-0.124, 0.384], more than 0.05 asked, 2 pairs\n"
    assert capsys.readouterr().out == line
    claim("nothing", [-1e-4, -1e-4], within=1)  # no minus sign before a zero
    assert (
        capsys.readouterr().out == "✓ nothing: +0.0 points [0.0, 0.0], within ±1 asked, 2 seeds\n"
    )
    claim("no unit ...", [2.0, 2.0], margin=1, unit="")
    assert capsys.readouterr().out == "✓ no unit ...: +2 [2, 2], more than 1 asked, 2 seeds\n"


def test_check_is_sure_or_refuted(capsys):
    assert check("It is so.", True).mark == "✓"
    assert check("It is so", np.arange(3).max() == 2).form == "check"
    record = check("It is so", np.bool_(False))
    assert not record.held and record.n == 0 and math.isnan(record.effect)
    assert capsys.readouterr().out == "✓ It is so\n✓ It is so\n✗ NOT held: It is so\n"
    with pytest.raises(ClaimNotHeld, match="NOT held: It is so"):
        check("It is so", False, strict=True)


@pytest.mark.parametrize("condition", [1, 0.0, "yes", None, np.array([True, True]), [True]])
def test_check_takes_nothing_but_a_bool(condition):
    with pytest.raises(ValueError, match="condition: got .*, want True or False"):
        check("x", condition)


def test_only_a_cross_raises(monkeypatch):
    for strict, environment in ((True, "0"), (None, "1")):
        monkeypatch.setenv("TLBOOK_STRICT", environment)
        assert claim("x", B, A, margin=5, strict=strict).mark == "~"
        with pytest.raises(ClaimNotHeld, match="NOT held: x"):
            claim("x", B, A, margin=13, strict=strict)
        with pytest.raises(AssertionError):
            check("x", False, strict=strict)
    assert claim("x", B, A, margin=13, strict=False).mark == "✗"


def test_log(tmp_path, monkeypatch):
    log = tmp_path / "claims.jsonl"
    monkeypatch.setenv("TLBOOK_CLAIM_LOG", str(log))
    claim("σ is larger", [0.5, 0.7], 0.1, margin=10)
    with pytest.raises(ClaimNotHeld):
        claim("a failing one is logged too", [0.5, 0.7], 0.6, ratio=2, over="runs", strict=True)
    check("so is a check", True)
    claim("what is not finite is null", [0.5, np.nan], at_most=1)
    lines = log.read_text(encoding="utf-8").splitlines()
    first, second, third, fourth = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    fields = ["form", "mark", "effect", "low", "high", "margin", "unit", "n", "over", "text"]
    assert list(first) == fields
    assert first["text"] == "σ is larger" and first["effect"] == pytest.approx(50)
    assert (first["form"], first["mark"], first["n"], first["over"]) == ("margin", "~", 2, "seeds")
    assert (second["form"], second["mark"], second["margin"]) == ("ratio", "✗", 2)
    assert (second["unit"], second["over"]) == ("times", "runs")
    assert (third["form"], third["mark"], third["effect"], third["n"]) == ("check", "✓", None, 0)
    assert (fourth["mark"], fourth["effect"], fourth["margin"]) == ("✗", None, 1)


def test_parallel_writers_do_not_mix_lines(tmp_path, monkeypatch):
    log = tmp_path / "claims.jsonl"
    monkeypatch.setenv("TLBOOK_CLAIM_LOG", str(log))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: claim(f"claim {i}" * 20, [1.0, 2.0], margin=0), range(100)))
    assert len([json.loads(line) for line in log.read_text().splitlines()]) == 100


@pytest.mark.parametrize(
    "code", ["claim('B beats A', [0.9, 0.8], [0.7, 0.7], margin=5)", "check('B beats A', True)"]
)
def test_as_last_line_of_a_cell_it_shows_its_sentence_once(code):
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell()
    shell.user_ns |= {"claim": tlbook.claim, "check": tlbook.check}
    with capture_output() as captured:
        shell.run_cell(code)
    assert captured.stdout.count("B beats A") == 1
    assert "ClaimRecord" not in captured.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.1, 0.2], [0.1, 0.2, 0.3]), "worse: got 3 values, want 2"),
        (([0.1], 0.0), r"better: got 1 value\(s\), want at least 2"),
        ((0.5, 0.0), "better: got shape"),
        ((["a", "b"], 0.0), "better: got values of type"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        claim("x", *arguments, margin=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "claim: got no form, want exactly one of margin, at_most, within, ratio"),
        ({"margin": 1, "at_most": 2}, "claim: got margin and at_most, want exactly one"),
        ({"margin": float("nan")}, "margin: got 1 values that are NaN"),
        ({"at_most": [1]}, "at_most: got shape"),
        ({"within": -1}, "within: got -1.0, want a finite number at least 0"),
        ({"ratio": 0}, "ratio: got 0.0, want a finite number above 0"),
    ],
)
def test_bad_forms(options, message):
    with pytest.raises(ValueError, match=message):
        claim("x", [1.0, 2.0], 0.5, **options)


def test_bad_ratio_values_and_text():
    with pytest.raises(ValueError, match="worse: got 0, want positive values for a ratio"):
        claim("x", [1.0, 2.0], [1.0, 0.0], ratio=2)
    with pytest.raises(ValueError, match="better: got -1, want positive"):
        claim("x", [-1.0, 2.0], [1.0, 1.0], ratio=2)
    with pytest.raises(ValueError, match="text: got ' '"):
        claim(" ", [1.0, 2.0], margin=0)
    with pytest.raises(ValueError, match="text: got 3"):
        check(3, True)
