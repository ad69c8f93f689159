"""Zero-shot: cosine and softmax, in NumPy and torch alike; descriptions of the course's topics."""

import numpy as np
import pytest
import torch

from tlbook.course.ch15_bert_practice.descriptions import WORDINGS
from tlbook.data.docstrings.places import TOPICS
from tlbook.text import ZeroShot, description_probabilities, embed

KITCHEN = {
    "cooking": ["Recipes and kitchen utensils.", "How to bake bread."],
    "football": "Matches, goals and players of football clubs.",
}


def test_probabilities_are_the_softmax_of_the_cosine():
    rng = np.random.default_rng(0)
    E, D = rng.normal(size=(7, 5)) * 3, rng.normal(size=(3, 5)) * [[0.1], [1], [9]]
    cosine = (E @ D.T) / np.linalg.norm(E, axis=1)[:, None] / np.linalg.norm(D, axis=1)
    want = np.exp(cosine / 0.2) / np.exp(cosine / 0.2).sum(1, keepdims=True)
    assert np.allclose(description_probabilities(E, D, 0.2), want)
    assert np.array_equal(
        description_probabilities(E, D, 0.001).argmax(1),
        description_probabilities(E, D, 9).argmax(1),
    )
    assert description_probabilities(E, D, 1e-6).max(axis=1).min() > 0.999


def test_torch_gives_the_same_and_keeps_its_gradient():
    rng = np.random.default_rng(0)
    E, D = rng.normal(size=(7, 5)), rng.normal(size=(3, 5))
    tensor = torch.tensor(E, requires_grad=True)
    found = description_probabilities(tensor, D, 0.1)
    assert np.allclose(found.detach().numpy(), description_probabilities(E, D, 0.1))
    found[:, 0].sum().backward()
    assert tensor.grad.abs().sum() > 0


def test_a_class_is_the_mean_of_its_descriptions():
    zero = ZeroShot(KITCHEN, device="cpu")
    mean = embed(KITCHEN["cooking"], device="cpu").mean(0)
    assert np.allclose(zero.vectors[0], mean / np.linalg.norm(mean))
    assert np.allclose(np.linalg.norm(zero.vectors, axis=1), 1)
    texts = ["Knead the dough and let it rest.", "The goalkeeper saved a penalty."]
    assert zero(texts).tolist() == [0, 1]
    assert np.allclose(zero.probabilities(texts).sum(1), 1)


def test_descriptions_are_in_the_order_of_the_labels():
    for wording, sentences in WORDINGS.items():
        assert tuple(sentences) == TOPICS, wording


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ZeroShot({"only": "one class"}), "descriptions: got fewer than two"),
        (lambda: ZeroShot(["a", "b"]), "descriptions: got fewer than two"),
        (lambda: ZeroShot({"a": "x", "b": " "}), r"descriptions\['b'\]: got an empty text"),
        (lambda: ZeroShot({"a": "x", "b": []}), r"descriptions\['b'\]: got 0 texts"),
        (lambda: ZeroShot(KITCHEN, temperature=0), "temperature: got 0"),
        (lambda: description_probabilities(np.ones((2, 3)), np.ones((2, 4))), "D: got 4 features"),
        (lambda: description_probabilities(np.zeros((2, 3)), np.ones((2, 3))), "E: got a row of"),
        (lambda: description_probabilities(np.ones((2, 3)), np.full((2, 3), np.nan)), "D: got 6"),
        (lambda: description_probabilities(torch.zeros(2, 3), np.ones((2, 3))), "E: got a row of"),
        (lambda: description_probabilities(torch.ones(2, 3), np.ones((2, 4))), "D: got 4"),
        (lambda: description_probabilities(np.ones((2, 3)), np.ones((2, 3)), -1), "temperature"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
