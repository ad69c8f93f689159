"""Networks with real weights where they are here, else the embedded ones; never silently random."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from tlbook.data.online import answers
from tlbook.data.weight_files import online as pretrained
from tlbook.finetuning import layers_of, replace_head
from tlbook.models import LeNet, create
from tlbook.models.torchvision import IMAGENET_MEAN, IMAGENET_STD, Preprocess


@pytest.fixture
def real(temporary_cache, monkeypatch):
    """Put a file of the right format for resnet18 into the cache, with known weights."""
    from torchvision.models import resnet18

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(42)
        network = resnet18(weights=None).eval()
    (remote,) = pretrained.PRETRAINED["resnet18"].files
    remote.path.parent.mkdir(parents=True)
    torch.save(network.state_dict(), remote.path)
    found = hashlib.sha256(remote.path.read_bytes()).hexdigest()
    entry = replace(
        pretrained.PRETRAINED["resnet18"], files=(replace(remote, checksum=f"sha256:{found}"),)
    )
    monkeypatch.setitem(pretrained.PRETRAINED, "resnet18", entry)
    return network, remote.path


@pytest.fixture(autouse=True)
def no_weights_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nothing"))
    monkeypatch.delenv("TLBOOK_DATA", raising=False)


def test_real_weights_are_taken_where_they_are(real, capsys):
    network, path = real
    model = create("resnet18", weights="auto", n_classes=3)
    assert capsys.readouterr().out == f"resnet18: ImageNet weights ({path.name}); " + (
        "new head for 3 classes\n"
    )
    x = torch.rand(2, 3, 40, 40)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
    body = torch.nn.Sequential(*list(network.children())[:-1])
    with torch.no_grad():
        expected = body((x - mean) / std).flatten(1)
        assert torch.allclose(model.features(x), expected, atol=1e-5)
        assert model(x).shape == (2, 3)


def test_damaged_weights_are_an_error_and_never_replaced(real):
    _, path = real
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"resnet18-f37072fd\.pth is damaged"):
        create("resnet18", weights="auto")


def test_weights_of_another_network_are_an_error(real, monkeypatch):
    _, path = real
    torch.save({"a": torch.zeros(1)}, path)
    entry = pretrained.PRETRAINED["resnet18"]
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    files = (replace(entry.files[0], checksum=f"sha256:{found}"),)
    monkeypatch.setitem(pretrained.PRETRAINED, "resnet18", replace(entry, files=files))
    with pytest.raises(ValueError, match="resnet18: the weights do not fit the network"):
        create("resnet18", weights="auto")


class Evil:
    def __reduce__(self):
        return (print, ("code of the file was run",))


def test_a_file_with_code_in_it_is_not_run(real, monkeypatch, capsys):
    _, path = real
    torch.save({"a": Evil()}, path)
    entry = pretrained.PRETRAINED["resnet18"]
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    files = (replace(entry.files[0], checksum=f"sha256:{found}"),)
    monkeypatch.setitem(pretrained.PRETRAINED, "resnet18", replace(entry, files=files))
    with pytest.raises(ValueError, match=r"f37072fd\.pth holds something else than weights"):
        create("resnet18", weights="auto")
    assert "code of the file" not in capsys.readouterr().out


def test_without_them_the_embedded_network_takes_the_place_and_says_so(temporary_cache, capsys):
    model = create("resnet50", weights="auto", n_classes=5)
    out = capsys.readouterr().out
    assert out.startswith("resnet50: not taken; its place has the embedded signnet")
    assert "data.weights('resnet50')" in out and out.count("\n") == 1
    x = torch.rand(2, 3, 24, 24)
    with torch.no_grad():
        assert torch.equal(model.features(x), create("signnet", weights="embedded").features(x))
    assert model(x).shape == (2, 5)


def test_the_scaled_embedded_network_is_the_same_network(temporary_cache):
    x = torch.rand(2, 3, 24, 24)
    model = create("resnet18", weights="auto", n_classes=10, size=24, quiet=True)
    with torch.no_grad():
        assert torch.allclose(
            model.features(x), create("signnet", weights="embedded").features(x), atol=1e-5
        )
        assert model(torch.rand(2, 3, 60, 60)).shape == (2, 10)
    assert len(layers_of(model)) == len(layers_of(create("signnet", weights="embedded")))


def test_asked_for_real_weights_and_none_there_is_one_error(temporary_cache, monkeypatch):
    monkeypatch.setattr(answers, "PATIENCE", 0.5)
    with pytest.raises(
        ValueError, match=r"resnet18 needs resnet18-f37072fd\.pth \(47 MB\)"
    ) as error:
        create("resnet18", weights="imagenet")
    assert "signnet" in str(error.value)


def test_without_weights_the_start_is_random_by_seed(temporary_cache, capsys):
    one, two, other = (create("mobilenet_v3_small", seed=seed, quiet=True) for seed in (1, 1, 2))
    x = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(one(x), two(x)) and not torch.equal(one(x), other(x))
    create("mobilenet_v3_small")
    assert "mobilenet_v3_small: a random start" in capsys.readouterr().out


def test_the_cut_serves_the_tools_of_fine_tuning(temporary_cache):
    model = create("resnet18", quiet=True)
    layers = layers_of(model)
    assert layers[0].name == "body.1.conv1" and layers[-1].name == "head"
    assert len(layers) == 1 + 8 + 1  # the first convolution, eight residual blocks, the head
    assert replace_head(model, 3)(torch.rand(2, 3, 32, 32)).shape == (2, 3)


def test_preprocessing_is_the_formula():
    x = torch.rand(3, 3, 10, 10)
    mean, std = (np.array(v)[None, :, None, None] for v in (IMAGENET_MEAN, IMAGENET_STD))
    assert np.allclose(Preprocess()(x).numpy(), (x.numpy() - mean) / std, atol=1e-6)
    gray = torch.rand(2, 1, 10, 10)
    assert torch.equal(Preprocess(16)(gray), Preprocess(16)(gray.expand(-1, 3, -1, -1)))
    assert Preprocess(16)(gray).shape == (2, 3, 16, 16)
    flat = torch.full((1, 3, 50, 50), 0.5)
    assert torch.allclose(Preprocess(7)(flat), Preprocess()(flat[:, :, :7, :7]), atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "vgg"}, "name: got 'vgg'"),
        ({"weights": "best"}, "weights: got 'best'"),
        ({"n_classes": 0}, "n_classes: got 0"),
        ({"size": 4}, "size: got 4"),
    ],
)
def test_mistakes_are_named(temporary_cache, options, message):
    with pytest.raises(ValueError, match=message):
        create(**{"name": "resnet18", "weights": "auto"} | options)
    with pytest.raises(ValueError, match="want \\(n, 3 or 1, height, width\\)"):
        Preprocess()(torch.zeros(2, 2, 8, 8))


def test_lenet_learns_where_its_pictures_have_its_shape():
    model = create("lenet", seed=1)
    assert model.features(torch.rand(2, 1, 28, 28)).shape == (2, 100)
    assert torch.equal(model.head.weight, create("lenet", seed=1).head.weight)
    assert not torch.equal(model.head.weight, create("lenet", seed=2).head.weight)
    assert LeNet(7, channels=3, size=32)(torch.rand(2, 3, 32, 32)).shape == (2, 7)
    with pytest.raises(ValueError, match="this LeNet wants"):
        model(torch.rand(2, 1, 32, 32))
    with pytest.raises(ValueError, match="size: got 30, want a multiple of 4"):
        LeNet(size=30)
