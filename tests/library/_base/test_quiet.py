"""No bar in a redirected log, one on a terminal; a notebook takes silence back."""

import os
import subprocess
import sys

import pytest

CODE = "import os, tlbook; print(repr(os.environ.get('TLBOOK_QUIET')))"


def answer(stderr, code=CODE, **variables):
    environment = {k: v for k, v in os.environ.items() if k != "TLBOOK_QUIET"} | variables
    argv = [sys.executable, "-c", code]
    done = subprocess.run(
        argv, stdout=subprocess.PIPE, stderr=stderr, env=environment, text=True, check=True
    )
    return done.stdout.strip()


def test_a_redirected_run_is_quiet_and_a_users_word_counts():
    assert answer(subprocess.DEVNULL) == "'no terminal'"
    assert answer(subprocess.DEVNULL, TLBOOK_QUIET="") == "''"
    assert answer(subprocess.DEVNULL, TLBOOK_QUIET="1") == "'1'"


def test_a_kernel_takes_it_back():
    kernel = "import sys, types; sys.modules['ipykernel'] = types.ModuleType('ipykernel'); " + CODE
    assert answer(subprocess.DEVNULL, kernel, TLBOOK_QUIET="no terminal") == "None"
    assert answer(subprocess.DEVNULL, kernel, TLBOOK_QUIET="1") == "'1'"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo terminal")
def test_a_terminal_has_bars():
    master, slave = os.openpty()
    assert answer(slave) == "None"
    os.close(master)
    os.close(slave)


@pytest.mark.slow
def test_a_long_run_writes_nothing_into_a_log():
    code = (
        "import time, numpy as np; from tlbook.training import fit; from tlbook import models; "
        "net = models.LeNet(2, size=8); X = np.zeros((4, 1, 8, 8), np.float32); "
        "fit(net, (X, np.array([0, 1, 0, 1])), steps=30, callback=lambda *a: time.sleep(0.08))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "TLBOOK_QUIET"}
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, capture_output=True, env=environment, text=True, check=True)
    assert done.stdout == done.stderr == ""
