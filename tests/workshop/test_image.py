"""The image has what pyproject.toml and constraints.txt say, without CUDA, and under 3 GB."""

import os
import re
import subprocess

import pytest

from tests.workshop.image import DOCKERFILE, ROOT, environment, instructions
from tlbook.workshop.bootstrap.requirements import read_constraints, read_project

STEPS = instructions(DOCKERFILE.read_text(encoding="utf-8"))
RUNS = [rest for name, rest in STEPS if name == "RUN"]


def test_lines_that_go_on_are_joined_and_comments_left_out():
    assert instructions("# x\nENV A=1 \\\n    B=2\n\nRUN a && b\n") == [
        ("ENV", "A=1 B=2"),
        ("RUN", "a && b"),
    ]


def test_packages_come_from_the_set_up_and_from_nowhere_else():
    """So versions and sums are those of the two files, without a list of its own."""
    (setup,) = [r for r in RUNS if "tlbook setup" in r]
    asked = re.search(r"--only (\S+)", setup)[1].split(",")
    assert asked == ["course", "class"]
    assert read_project(ROOT / "pyproject.toml", tuple(asked))
    # Only what Binder itself wants comes besides, under the same pins.
    (more,) = [r for r in RUNS if "pip install" in r]
    assert "-c .venv/tlbook-pins.txt" in more and more.endswith('"notebook>=7.5,<8"')


def test_what_comes_in_other_builds_is_pinned_and_no_address_of_an_index_stands_there():
    other_builds = environment(STEPS)["TLBOOK_ANY_BUILD"].split()
    assert set(other_builds) <= set(read_constraints(ROOT / "constraints.txt"))
    assert environment(STEPS)["UV_TORCH_BACKEND"] == "cpu"
    assert not re.search(r"https?://", DOCKERFILE.read_text(encoding="utf-8"))


def test_the_python_is_one_that_the_project_is_for():
    (base,) = [rest for name, rest in STEPS if name == "FROM"]
    version = tuple(map(int, re.match(r"python:(\d+)\.(\d+)-slim$", base).groups()))
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lowest = re.search(r'requires-python = ">=(\d+)\.(\d+)"', text)
    assert version >= tuple(map(int, lowest.groups()))


def test_who_runs_it_is_no_administrator_and_the_clone_is_theirs():
    names = [name for name, _ in STEPS]
    user = STEPS[names.index("USER")]
    assert user == ("USER", "${NB_UID}") and names.count("USER") == 1
    assert names.index("USER") < next(k for k, (_, r) in enumerate(STEPS) if "tlbook setup" in r)
    assert ("COPY", "--chown=${NB_UID} . .") in STEPS


@pytest.mark.parametrize("name", [".venv", "runs", "workbook"])
def test_what_a_clone_gathers_stays_outside(name):
    kept_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert name in kept_out and ".git" in kept_out


def test_the_last_check_refuses_cuda_and_what_is_too_large(tmp_path):
    (check,) = [r for r in RUNS if "torch.version.cuda" in r]
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)

    def code(python, megabytes):
        for name, line in (("python", f"exit {python}"), ("du", f"printf '{megabytes}\\t.'")):
            (programs / name).write_text(f"#!/bin/sh\n{line}\n")
            (programs / name).chmod(0o755)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(["sh", "-c", check], cwd=tmp_path, env={"PATH": path}).returncode

    assert code(0, 2300) == 0
    assert code(0, 2900) == 1
    assert code(1, 2300) == 1
