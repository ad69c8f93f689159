"""The chapter's widget: the tokenizer's pieces, and what the shipped classifiers say to them."""

import numpy as np
import pytest

from tlbook import data, text
from tlbook.course import widgets
from tlbook.course.ch15_bert_practice.shipped import RATE, shipped
from tlbook.course.ch15_bert_practice.tables import arm
from tlbook.course.ch15_bert_practice.widget import token_view
from tlbook.text.recipes import HEAD_C

pytestmark = pytest.mark.slow

EXPERIMENT = widgets.get("token_view")


def result(**params):
    return token_view.compute(**EXPERIMENT.parameters(**params))


def test_tokens_are_those_of_the_tokenizer():
    shown = result(padding=3)
    ids = text.tokenizer()(token_view.START)["input_ids"]
    assert shown.ids == (*ids, 0, 0, 0)
    assert shown.pieces[0] == "[CLS]" and shown.pieces[-3:] == ("[PAD]",) * 3
    assert shown.mask == (1,) * len(ids) + (0,) * 3


def test_probabilities_are_those_of_the_classifiers():
    shown = result()
    for row, mode in enumerate(token_view.ARMS):
        want = shipped(mode).probabilities([token_view.START])[0]
        assert shown.probabilities[row] == pytest.approx(want, abs=2e-3), mode
    assert shown.probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=5e-3)


def test_with_the_mask_padding_changes_nothing_and_without_it_something():
    short, padded = result(padding=0).probabilities, result(padding=16).probabilities
    assert np.array_equal(short, padded)
    blind = result(padding=16).blind
    assert np.abs(blind - short).max(axis=1).min() > 0.01
    assert np.array_equal(result(padding=0).blind, short)


def test_a_hidden_piece_is_masked_and_beyond_the_end_it_is_the_last():
    shown = result(hidden=3)
    assert shown.state[3] == "hidden" and shown.mask[3] == 0
    assert not np.array_equal(shown.probabilities, result().probabilities)
    assert result(text="matrix", hidden=12).state[:3] == ("read", "hidden", "read")
    assert result(text="", hidden=12).state.count("hidden") == 0
    assert "[SEP]" not in [
        p for p, s in zip(shown.pieces, shown.state, strict=True) if s == "hidden"
    ]


def test_any_line_of_text_is_read():
    assert result(text="", padding=0).pieces == ("[CLS]", "[SEP]")
    assert len(result(text="word " * 60, padding=0).pieces) == 40


def test_a_negative_number_is_named():
    with pytest.raises(ValueError, match="padding, hidden: got -1"):
        token_view.compute(padding=-1)


@pytest.mark.parametrize("mode", ["frozen", "lora", "full"])
def test_shipped_classifiers_score_as_the_study_has_it(mode):
    """Seed 0 of ``bert_finetuning``; of the full one every change is cut to rank 8."""
    task = data.load("docstrings", seed=0)
    slack = 3 if mode == "full" else 1  # texts of 133
    found = task.score(shipped(mode).predict)
    value = HEAD_C if mode == "frozen" else RATE
    assert abs(found - arm(mode, value=value)[0]) <= (slack + 0.5) / 133


def test_an_unknown_mode_is_named():
    with pytest.raises(ValueError, match="mode: got 'half'"):
        shipped("half")
