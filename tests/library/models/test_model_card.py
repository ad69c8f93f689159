"""Model cards: everything given is in it, what is missing says so."""

import numpy as np
import pytest

from tlbook.models import card


def test_a_full_card(tmp_path):
    path = card(
        tmp_path / "run",
        name="Ants or bees",
        what="Tells ants from bees.",
        classes=["ants", "bees"],
        data={"source": "our garden", "training": 1240, "test": np.int64(153)},
        preprocessing="224 × 224",
        weights="IMAGENET1K_V2",
        license="BSD-3-Clause",
        scores={"accuracy": (0.9281, 0.9, 0.95), "macro F1": np.float32(0.9)},
        calibration={"temperature": 1.43},
        limits=["wasps", "night"],
        load="model = load('run')",
    )
    assert path == tmp_path / "run" / "README.md"
    text = path.read_text("utf-8")
    for words in (
        "# Ants or bees\n\nTells ants from bees.",
        "- ants\n- bees",
        "| training | 1,240 |\n| test | 153 |",
        "IMAGENET1K_V2 (license: BSD-3-Clause)",
        "| accuracy | 0.928 (95 % interval 0.9 to 0.95) |",
        "| macro F1 | 0.9 (interval not stated) |",
        "| temperature | 1.43 |",
        "- wasps\n- night",
        "```python\nmodel = load('run')\n```",
    ):
        assert words in text, words
    assert text.count("not stated") == 1


def test_what_is_missing_says_so(tmp_path):
    text = card(tmp_path / "card.md", name="x").read_text("utf-8")
    assert text.lower().count("not stated") == 10 and "None" not in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": " "}, "name: got ' '"),
        ({"name": "x", "scores": {"a": (0.5, 0.6, 0.7)}}, r"scores: got a = \(0.5, 0.6, 0.7\)"),
        ({"name": "x", "scores": {"a": (0.5, 0.6)}}, "want a number, or"),
    ],
)
def test_unfit_cards_are_named(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        card(tmp_path, **options)
