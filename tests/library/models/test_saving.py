"""Save, load in a fresh process, ask: the same answers, for every kind of network."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from tests.library.text.tiny_encoders import write_bert
from tlbook import models
from tlbook.finetuning import lora, lora_merge, replace_head

CLASSES = ["ants", "bees", "cats"]


def seeded(build, seed=0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()


def resnet():
    import torchvision

    return torchvision.models.resnet18(num_classes=3)


NETWORKS = {
    "signnet": (lambda: models.create("signnet", weights="embedded", n_classes=3), {}),
    "narrow": (lambda: models.SignNet(3, channels=((8, 1), (16, 2))), {}),
    "digitnet": (lambda: models.create("digitnet", n_classes=3), {}),
    "lenet": (lambda: models.create("lenet", n_classes=3, channels=3, size=32), {}),
    "resnet18": (lambda: models.create("resnet18", n_classes=3, size=32, quiet=True), {}),
    "new head": (
        lambda: replace_head(models.create("resnet18", size=32, quiet=True), 3, seed=1),
        {},
    ),
    "stand-in": (
        lambda: models.create("resnet50", "embedded", n_classes=3, size=24, quiet=True),
        {},
    ),
    "torchvision": (resnet, {"architecture": "resnet18", "preprocessing": 40}),
    "wrapped": (
        lambda: models.wrap(resnet()),
        {"architecture": "resnet18", "preprocessing": 40},
    ),
    "merged": (lambda: lora_merge(lora(models.create("signnet", n_classes=3), rank=2)), {}),
}


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "new pictures"
    folder.mkdir()
    for i in range(5):
        pixels = np.random.default_rng(i).integers(0, 256, (50, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_comes_back_and_answers_the_same(name, tmp_path, pictures):
    build, options = NETWORKS[name]
    model = seeded(build).eval()
    x = torch.rand(2, 3, 32, 32)
    model.train()
    path = models.save(tmp_path / "run", model, CLASSES, **options)
    assert model.training, "saving leaves the network's mode alone"
    loaded = models.load(path)
    state, again = model.state_dict(), loaded.model.state_dict()
    assert list(state) == list(again) and all(torch.equal(state[k], again[k]) for k in state)
    if name not in ("signnet", "narrow", "digitnet", "lenet", "merged"):
        with torch.inference_mode():
            assert torch.equal(model.eval()(x), loaded.model(x))
    table = loaded.probabilities(pictures)
    assert table.columns.tolist() == CLASSES and len(table) == 5
    assert np.allclose(table.sum(axis=1), 1, atol=1e-5)
    assert loaded.predict(pictures).tolist() == table.idxmax(axis=1).tolist()
    assert sorted(os.listdir(path)) == ["README.md", "model.json", "weights.safetensors"]


def fresh(code, *arguments):
    """Run code in a new process and return what it prints."""
    argv = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


ASK = """
import sys, json
from tlbook import models
model = models.load(sys.argv[1])
new = json.loads(sys.argv[2])
print(model.probabilities(new).to_json(double_precision=15))
"""


@pytest.mark.slow
def test_a_fresh_process_gives_the_same_answers(tmp_path, pictures):
    model = seeded(resnet)
    import torchvision

    transforms = torchvision.models.ResNet18_Weights.DEFAULT.transforms()
    options = {"architecture": "resnet18", "preprocessing": transforms, "temperature": 2.0}
    path = models.save(tmp_path / "run", model, CLASSES, **options)
    here = models.load(path).probabilities(str(pictures))
    there = fresh(ASK, path, json.dumps(str(pictures)))
    assert there.strip() == here.to_json(double_precision=15)
    with Image.open(pictures / "3.png") as image, torch.inference_mode():
        logits = model.eval()(transforms(image)[None])
    expected = (logits / 2).softmax(1).numpy()[0]
    assert np.allclose(here.loc[str(pictures / "3.png")], expected, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["minilm", "chinese", "transformers"])
def test_texts_in_a_fresh_process(kind, tmp_path):
    tokenizer = None
    if kind == "minilm":
        model = models.create("minilm", weights="embedded", n_classes=3, max_tokens=16)
    else:
        folder = tmp_path / "base"
        folder.mkdir()
        write_bert(folder)
        model = models.create("encoder", weights=folder, n_classes=3, max_tokens=16)
    if kind == "transformers":
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        build = AutoModelForSequenceClassification.from_pretrained
        model = seeded(lambda: build(folder, num_labels=3))
        tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = ["这部电影很好看", "the film was good", "无聊", "a " * 30]
    path = models.save(tmp_path / "run", model, CLASSES, tokenizer=tokenizer, temperature=0.5)
    here = models.load(path)
    table = here.probabilities(texts)
    assert fresh(ASK, path, json.dumps(texts)).strip() == table.to_json(double_precision=15)
    if kind != "transformers":
        assert here.predict(texts).tolist() == [CLASSES[k] for k in model.predict(texts)]
        p = model.probabilities(texts).astype(float) ** 2
        assert np.allclose(table, p / p.sum(axis=1, keepdims=True), atol=1e-5)
    else:
        made = tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
        with torch.inference_mode():
            logits = model.eval()(**made).logits
        assert np.allclose(table, (logits / 0.5).softmax(1).numpy(), atol=1e-5)
    assert here.predict("one text").index.tolist() == [0]
    file = tmp_path / "new.txt"
    file.write_text("\n\n".join(texts), "utf-8")
    assert here.predict(file).tolist() == here.predict(texts).tolist()
    with pytest.raises(ValueError, match="new: got .*none.txt, want a text file in UTF-8"):
        here.predict(tmp_path / "none.txt")


def test_new_things_of_every_form(tmp_path, pictures, capsys):
    path = models.save(tmp_path / "run", seeded(lambda: models.SignNet(3)), CLASSES)
    model = models.load(path)
    files = sorted(map(str, pictures.iterdir()))
    whole = model.predict(pictures)
    assert isinstance(whole, pd.Series) and whole.index.tolist() == files
    assert model.predict(files[2]).tolist() == whole.tolist()[2:3]
    assert model.predict(files[::-1]).tolist() == whole.tolist()[::-1]
    X = np.stack([model.preprocessing.read(file) for file in files])
    assert model.predict(X).tolist() == whole.tolist()
    assert [CLASSES[k] for k in model.labels(X)] == whole.tolist()
    (pictures / "bad.png").write_bytes(b"x")
    (pictures / "notes.txt").write_text("not meant")
    assert model.predict(pictures).tolist() == whole.tolist()
    assert "left out, no readable pictures:" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"cannot be read as pictures: .*bad\.png"):
        model.predict([files[0], pictures / "bad.png"])
    with pytest.raises(ValueError, match=r"new: there is no file .*none\.png"):
        model.predict("none.png")
    with pytest.raises(ValueError, match="new: got shape"):
        model.predict(np.zeros((3, 24, 24)))


class Own(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.layer = nn.Linear(width, 3)

    def forward(self, x):
        return self.layer(x)


def test_a_class_of_ones_own(tmp_path):
    model = seeded(Own)
    path = models.save(tmp_path / "run", model, CLASSES)
    with pytest.raises(ValueError, match=r"into: .* has a network of a class of your own"):
        models.load(path)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    loaded = models.load(path, into=Own())
    assert np.array_equal(loaded.labels(x), model(torch.from_numpy(x)).argmax(1).numpy())
    with pytest.raises(ValueError, match="weights in .* do not fit the network"):
        models.load(path, into=Own(5))


def test_what_cannot_come_back_is_refused(tmp_path):
    net = models.create("signnet", n_classes=3)
    with pytest.raises(ValueError, match="classes: got 2 names, want 3, the model's outputs"):
        models.save(tmp_path, net, ["a", "b"])
    with pytest.raises(ValueError, match=r"classes: got 'caf.udce9', the name of a folder that"):
        models.save(
            tmp_path / "new", net, ["a", "b", b"caf\xe9".decode("utf-8", "surrogateescape")]
        )
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ValueError, match="path: cannot make the folder .*file .File exists"):
        models.save(tmp_path / "file", net, ["a", "b", "c"])
    with pytest.raises(ValueError, match="want two or more different names"):
        models.save(tmp_path, net, ["a", "a", "b"])
    with pytest.raises(ValueError, match="model: got one with LoRA adapters, want them merged"):
        models.save(tmp_path, lora(net, rank=2), CLASSES)
    with pytest.raises(ValueError, match="architecture: got 'resnet17'"):
        models.save(tmp_path, resnet(), CLASSES, architecture="resnet17")
    with pytest.raises(ValueError, match="temperature: got 0"):
        models.save(tmp_path, net, CLASSES, temperature=0)
    with pytest.raises(ValueError, match="preprocessing: got str, want a size in pixels"):
        models.save(tmp_path, net, CLASSES, preprocessing="small")
    changed = resnet()
    changed.fc = nn.Sequential(nn.Dropout(), nn.Linear(512, 3))
    with pytest.raises(ValueError, match="model: got a network that was changed"):
        models.save(tmp_path, changed, CLASSES, architecture="resnet18")


def test_damage_is_named(tmp_path):
    path = models.save(tmp_path / "run", models.create("digitnet", n_classes=3), CLASSES)
    with pytest.raises(ValueError, match="want a folder of models.save"):
        models.load(tmp_path)
    weights = bytearray((path / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (path / "weights.safetensors").write_bytes(weights)
    with pytest.raises(ValueError, match=r"weights\.safetensors is missing, damaged"):
        models.load(path)
    (path / "model.json").write_text("{")
    with pytest.raises(ValueError, match=r"model\.json is damaged"):
        models.load(path)
    (path / "model.json").write_text('{"format": 99}')
    with pytest.raises(ValueError, match=r"model\.json is of another version"):
        models.load(path)


def test_the_card_says_what_was_given(tmp_path):
    net = models.create("digitnet", n_classes=3)
    about = {"name": "Three digits", "limits": "no letters", "scores": {"accuracy": (0.9, 0.8, 1)}}
    text = (models.save(tmp_path / "run", net, CLASSES, **about) / "README.md").read_text("utf-8")
    assert "# Three digits" in text and "no letters" in text and "0.9 (95 % interval" in text
    assert "8 × 8 gray" in text and 'models.load("run")' in text


def test_a_state_dictionary_of_torchvision_is_a_start(tmp_path, capsys):
    from safetensors.torch import save_file

    network = seeded(resnet).eval()
    torch.save(network.state_dict(), tmp_path / "own.pth")
    save_file(network.state_dict(), tmp_path / "own.safetensors")
    x = torch.rand(2, 3, 40, 40)
    mean, std = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    normal = (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    for name in ("own.pth", "own.safetensors"):
        model = models.create("resnet18", weights=str(tmp_path / name))
        assert capsys.readouterr().out == f"resnet18: weights of {name}; its own head, 3 classes\n"
        with torch.inference_mode():
            assert torch.allclose(model(x), network(normal), atol=1e-5)
    (tmp_path / "bad.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(ValueError, match="damaged or no file of weights"):
        models.create("resnet18", weights=tmp_path / "bad.safetensors")
