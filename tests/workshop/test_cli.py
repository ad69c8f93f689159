"""The command line: help everywhere, messages instead of tracebacks, the right exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from tests.workshop.fake_chapters import claim_cell, write_notebook
from tlbook.course import chapters
from tlbook.workshop import bootstrap, cli, stages
from tlbook.workshop.cli.running import parse_parameters
from tlbook.workshop.offline import namespace_prefix
from tlbook.workshop.stages import CHECK, TEST, Stage, run_stages

COMMANDS = sorted(get_command(cli.app).commands)


def test_a_python_without_packages_knows_every_command():
    assert sorted(bootstrap.NAMES) == COMMANDS


def test_the_commands_are_there():
    expected = {"setup", "doctor", "lab", "reset", "run", "test", "check", "claims", "data"}
    expected |= {"pretrain", "results", "store", "bench", "clean", "wheels", "table"}
    assert expected <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    assert cli.main([command, "--help"]) == 0
    assert "usage" in capsys.readouterr().out.lower()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["run", "77"], "chapter: got '77'"),
        (["run", "--budget", "huge"], "budget: got 'huge'"),
        (["run", "--device", "abacus"], "device: got 'abacus'"),
        (["run", "-p", "novalue"], "-p: got 'novalue', want name=value"),
        (["run", ""], "chapter: got ''"),
        (["run", "02", "-p", "budget=huge"], "-p: got budget='huge', want quick or full"),
        (["run", "02", "-p", "device=7"], "-p: got device='7', want auto, cpu, cuda or mps"),
        (["run", "02", "-p", "seed=-1"], "-p: got seed=-1, want 0 or more"),
        (["recipe", "text", "--data", "/no/such"], "DATA: got '/no/such', want a file or a folder"),
        (["lab", "77"], "chapter: got '77'"),
        (["lab", ""], "chapter: got ''"),
        (["claims", "99"], "chapter: got '99'"),
        (["reset", "77"], "chapter: got '77'"),
        (["reset", ""], "chapter: got ''"),
        (["store", "77"], "chapter: got '77'"),
        (["results"], "name: got nothing"),
        (["results", "no-such-study"], "no-such-study"),
        (["results", "target_estimates", "--folder", "x"], "--folder: got 'x' without --on"),
        (["diagnose", "a", "b", "--folder", "x"], "--folder: got 'x' without --on, want both"),
        (["run", "02", "--on", "here"], "--on: got 'here', want one of local, dask://HOST:PORT,"),
        (["diagnose", "a", "b", "--on", "dask://x"], "--on: got 'dask://x', want one of local"),
    ],
)
def test_mistakes_get_one_line(argv, words, capsys):
    assert cli.main(argv) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "argv",
    [
        ["class", "slides", "02"],
        ["class", "slides", "02", "--live"],
        ["class", "pdf", "02"],
        ["class", "release", "02"],
        ["grade", "x.ipynb"],
        ["site", "--quick"],
    ],
)
def test_a_file_in_the_way_of_a_folder_is_one_line(argv, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.ipynb").write_text("{}")
    for out in ("x.ipynb", "x.ipynb/inside"):
        assert cli.main([*argv, "--out", out]) == 1
        error = capsys.readouterr().err
        assert f"--out: got {out}" in error.replace("\\", "/")
        assert "Traceback" not in error and len(error.splitlines()) == 1


def test_an_unknown_command_or_option(capsys):
    assert cli.main(["fly"]) == 2
    assert cli.main(["run", "--fast"]) == 2
    assert cli.main(["lab", "--port", "99999"]) == 2


def test_parameters_are_names_and_texts():
    found = parse_parameters(["n=3", "word=a=b", "empty="])
    assert found == {"n": "3", "word": "a=b", "empty": ""}
    for bad in ("3", "=2", "a b=1"):
        with pytest.raises(ValueError, match="-p: got"):
            parse_parameters([bad])


@pytest.mark.slow
def test_run_exits_with_one_when_a_claim_does_not_hold(tmp_path, monkeypatch, capsys):
    write_notebook(tmp_path / "in", "01_a", claim_cell(mark="'✗' if seed == 5 else '~'"))
    monkeypatch.chdir(tmp_path)
    argv = ["run", "--dir", "in", "--out", "out", "--seed"]
    assert cli.main([*argv, "5"]) == 1
    assert cli.main([*argv, "4"]) == 0
    out = capsys.readouterr().out
    assert "claim not held: a beats b" in out
    assert str(Path("out") / "01_a.html") in out
    assert str(tmp_path) not in out


def test_reset_by_command(tmp_path, monkeypatch, capsys):
    shipped = write_notebook(tmp_path / "notebooks", "02_x", "1")
    chapter = chapters.Chapter("02", "02_x", "X", None)
    monkeypatch.setattr(chapters, "CHAPTERS", (chapter,))
    monkeypatch.setattr(chapters, "root", lambda: tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    assert shipped.exists()
    assert cli.main(["reset", "2"]) == 0
    assert cli.main(["reset", "2"]) == 0
    assert "Your earlier copy is workbook/02_x.20" in capsys.readouterr().out


def script(tmp_path, name, code):
    (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    return Stage(name, (name,))


@pytest.mark.slow
def test_stages_all_run_and_one_failure_fails(tmp_path, capsys):
    (tmp_path / "test_x.py").write_text(
        "def test_a(): pass\ndef test_b(): assert 0\n", encoding="utf-8"
    )
    bad = script(tmp_path, "bad", "print('bad ran'); raise SystemExit(3)")
    good = script(tmp_path, "good", "print('good ran')")
    pytest_stage = Stage("tests", ("pytest", "-p", "no:cacheprovider", "test_x.py"))
    assert not run_stages([bad, good, pytest_stage], tmp_path)
    out = capsys.readouterr().out
    assert "bad: FAILED (status 3)" in out
    assert "good ran" in out
    assert "FAILED stages: bad, tests" in out
    last = out.strip().splitlines()[-1]
    assert last.startswith("1 failed, 1 passed in")
    assert run_stages([good], tmp_path)


def test_a_stage_keeps_what_it_has_compiled(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "part.py").write_text("", encoding="utf-8")
    assert run_stages([script(tmp_path, "whole", "import part")], tmp_path)
    assert list(tmp_path.glob("__pycache__/part.*.pyc"))


def test_the_stages_name_modules_and_folders_that_exist():
    root = chapters.root()
    for stage in {*CHECK, *TEST, *stages.BENCH}:
        for word in stage.arguments:
            if word.startswith("tests/"):
                assert (root / word).is_dir(), word


def test_the_namespace_has_loopback_and_nothing_else():
    prefix = namespace_prefix()
    if prefix is None:
        pytest.skip("no network namespaces here")
    code = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(s.getsockname()).close(); print('loopback'); "
        "socket.create_connection(('192.0.2.1', 9), timeout=5)"
    )
    done = subprocess.run([*prefix, sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "loopback\n"
    assert "unreachable" in done.stderr
