"""Thousands of calls over the public functions: a result, or an error that names its argument."""

import contextlib
import io
import warnings
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from tests.library.fuzz import calls

EACH = 20
"""Calls of every function."""
LEAST = 5_000


@pytest.fixture(autouse=True)
def quiet_place(tmp_path, monkeypatch):
    """What is written by a call whose path is a strange one lands in a throw-away folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TLBOOK_QUIET", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
    torch.set_num_threads(threads)


@pytest.mark.slow
def test_no_call_ends_in_anything_but_a_result_or_an_error_that_names_its_argument():
    ended: Counter[str] = Counter()
    wrong = []
    for what in calls.public():
        for number, arguments in enumerate(calls.draws(what, calls.FEW.get(what.name, EACH))):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(None):
                found = calls.outcome(what, arguments)
            ended[found if found in ("result", "error") else "wrong"] += 1
            if found not in ("result", "error"):
                wrong.append(f"{what.name}, call {number}: {found}")
        plt.close("all")
    assert not wrong, "\n".join(wrong[:20])
    assert sum(ended.values()) >= LEAST and ended["result"] > LEAST / 10, ended


def test_a_call_repeats_itself():
    what = next(each for each in calls.public() if each.name == "distances.mmd_test")
    first, again = (
        [calls.outcome(what, arguments) for arguments in calls.draws(what, 5)] for _ in range(2)
    )
    assert first == again and first[0] == "result"


def test_the_outcome_sees_what_it_should():
    def outcome(target, **arguments):
        return calls.outcome(calls.Public("f", target, {}, tuple(arguments)), arguments)

    def unnamed(X):
        raise ValueError("something is wrong")

    def other(X):
        return X[0]

    def changing(X):
        X[0] = 7.0

    def named(X):
        raise TypeError("X: got nothing")

    X = np.zeros(3)
    assert outcome(unnamed, X=X).startswith("names no argument")
    assert outcome(other, X=np.array([])).startswith("builtins.IndexError")
    assert outcome(changing, X=X) == "changed X"
    assert outcome(named, X=X) == "error" and outcome(other, X=X) == "result"


def test_what_is_left_out_exists_and_says_why():
    names = {each.name for each in calls.public()}
    assert len(names) > 250 and not names & set(calls.LEFT_OUT)
    assert all(len(reason.split()) > 1 for reason in calls.LEFT_OUT.values())
    assert len(calls.LEFT_OUT) <= 15
