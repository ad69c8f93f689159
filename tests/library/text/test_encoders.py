"""Any encoder of transformers by its folder, a Chinese one included."""

import numpy as np
import pytest
import torch

from tests.library.text.tiny_encoders import write_bert
from tlbook import models
from tlbook.finetuning import trainable_fraction
from tlbook.text import probe_into_head
from tlbook.training import fit

GOOD = ["这部电影很好看", "我很喜欢这部电影", "好看的故事", "我喜欢演员"]
DULL = ["无聊的故事", "这部电影很无聊", "我不喜欢", "演员无聊"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("chinese"))


def test_a_chinese_encoder_reads_its_own_words(folder):
    model = models.create("encoder", weights=str(folder), n_classes=2, seed=1)
    tokens = model.tokens(["这部电影", "无聊"])
    pieces = model.tokenizer.convert_ids_to_tokens(tokens[0, 0].tolist())
    assert pieces == ["[CLS]", "这", "部", "电", "影", "[SEP]"]
    assert tokens[1, 1].tolist() == [1, 1, 1, 1, 0, 0]
    assert model.features(tokens).shape == (2, 32)
    again = models.create("encoder", weights=folder, n_classes=2, seed=1)
    assert torch.equal(model(tokens), again(tokens))
    assert np.array_equal(model.predict(GOOD), model(model.tokens(GOOD)).argmax(1).numpy())


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["frozen", "lora", "full"])
def test_it_learns_in_every_mode(folder, mode, capsys):
    model = models.create("encoder", weights=folder, n_classes=2, mode=mode, rank=2)
    share = trainable_fraction(model)
    assert share == 1 if mode == "full" else share < 0.1
    y = np.array([0] * 4 + [1] * 4)
    probe_into_head(model, model.embed(GOOD + DULL), y)
    fit(model, (model.tokens(GOOD + DULL), y), steps=60, batch_size=8, lr=1e-2)
    assert np.array_equal(model.predict(GOOD + DULL), y)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_the_last_blocks_alone(folder):
    model = models.create("encoder", weights=folder, top=1)
    learning = [name for name, p in model.named_parameters() if p.requires_grad]
    learning = {name.split(".")[3] for name in learning if "layer" in name}
    assert learning == {"1"}
    with pytest.raises(ValueError, match="top: got 3, want at most 2"):
        models.create("encoder", weights=folder, top=3)


def test_a_folder_stands_under_the_known_names_too(folder):
    model = models.create("minilm", weights=str(folder), n_classes=3)
    assert model.head.weight.shape == (3, 32)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (None, "weights: got None, want a folder of save_pretrained"),
        ("no such", "weights: got 'no such', want a folder of save_pretrained"),
        ("EMPTY", "weights: got '.*empty', want a folder of save_pretrained"),
    ],
)
def test_what_is_no_encoder_is_named(tmp_path, weights, message):
    (tmp_path / "empty").mkdir()
    weights = str(tmp_path / "empty") if weights == "EMPTY" else weights
    with pytest.raises(ValueError, match=message):
        models.create("encoder", weights=weights)


@pytest.mark.slow
def test_a_name_without_a_network_is_one_error():
    with pytest.raises(ValueError, match="weights: got 'nobody/nothing', want a folder"):
        models.create("encoder", weights="nobody/nothing")


def test_too_long_and_unfit_arguments_are_named(folder, tmp_path):
    with pytest.raises(ValueError, match="max_tokens: got 64, want at most 16"):
        models.create("encoder", weights=write_bert(tmp_path, positions=16))
    with pytest.raises(ValueError, match="mode: got 'half'"):
        models.create("encoder", weights=folder, mode="half")
