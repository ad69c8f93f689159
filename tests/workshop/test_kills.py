"""Killed at random moments, ``run``, ``setup`` and ``lab`` leave nothing alive and nothing half.

Many more at once: ``python -m tests.workshop.kills run 50`` (or setup, lab). The kills of ``fit``
are in ``tests/library/training/test_checkpoint.py``.
"""

import os

import pytest

from tests.workshop.kills import KINDS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(280),
    pytest.mark.skipif(os.name == "nt", reason="signals of Unix"),
]


@pytest.mark.parametrize(("kind", "times"), [("run", 4), ("setup", 3), ("lab", 3)])
def test_nothing_lives_on_and_nothing_is_half_made(kind, times, tmp_path):
    KINDS[kind](tmp_path, times, seed=17, limit=20)
