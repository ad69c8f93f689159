"""Texts as one tensor: the tokenizer's own numbers, the mask, cutting and trimming."""

import numpy as np
import pytest
import torch

from tlbook import text

TEXTS = ["A matrix.", "Eigenvalues of a symmetric tridiagonal matrix, in ascending order."]


def test_tokens_are_the_tokenizers_numbers_and_mask():
    tokens = text.tokenize(TEXTS)
    made = text.tokenizer()(TEXTS, padding=True, return_tensors="pt")
    assert tokens.dtype == torch.int64 and tokens.shape == (2, 2, made["input_ids"].shape[1])
    assert torch.equal(tokens[:, 0], made["input_ids"])
    assert torch.equal(tokens[:, 1], made["attention_mask"])


def test_long_texts_are_cut_and_keep_their_end_mark():
    tokens = text.tokenize(["matrix " * 100], max_tokens=8)
    assert text.pieces(tokens) == [["[CLS]", *["matrix"] * 6, "[SEP]"]]


def test_pieces_spell_the_text():
    row = text.pieces(text.tokenize(["Eigenvalues, eigenvalues"]))[0]
    assert row[0] == "[CLS]" and row[-1] == "[SEP]"
    words = "".join(p.removeprefix("##") for p in row[1:-1])
    assert words == "eigenvalues,eigenvalues"


def test_trim_drops_columns_that_are_padding_in_every_row():
    tokens = text.tokenize(TEXTS)
    wide = torch.nn.functional.pad(tokens, (0, 5))
    assert torch.equal(text.trim(wide), tokens)
    assert text.trim(wide[:1]).shape[2] == int(tokens[0, 1].sum())
    assert text.trim(torch.zeros(2, 2, 4, dtype=torch.int64)).shape == (2, 2, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: text.tokenize("one text"), "texts: got one str"),
        (lambda: text.tokenize([]), "texts: got 0 texts"),
        (lambda: text.tokenize(["a", " "]), "texts: got an empty text in row 1"),
        (lambda: text.tokenize(["a", np.nan]), "texts: got float in row 1"),
        (lambda: text.tokenize(["a"], max_tokens=2), "max_tokens: got 2, want 3 to 512"),
        (lambda: text.tokenize(["a"], max_tokens=513), "max_tokens: got 513"),
        (lambda: text.tokenize(["a"], max_tokens=8.0), "max_tokens: got 8.0"),
        (lambda: text.tokenize(["a"], weights="gpt"), "weights: got 'gpt'"),
        (lambda: text.trim(torch.zeros(2, 3)), "tokens: got shape"),
        (lambda: text.trim(torch.zeros(2, 2, 3)), "tokens: got shape"),
        (lambda: text.pieces(torch.zeros(2, 3, 3, dtype=torch.int64)), "tokens: got shape"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
