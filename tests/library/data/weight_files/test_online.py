"""Real pretrained weights: found where libraries keep them, checked, or one clear error."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save

from tlbook import data
from tlbook.data.online import answers
from tlbook.data.online.addresses import constant
from tlbook.data.weight_files import online as pretrained

NAMES = tuple(pretrained.PRETRAINED)
TINY = {"w": torch.arange(4.0)}


@pytest.fixture(autouse=True)
def clean(temporary_cache, tmp_path, monkeypatch):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    for variable in ("TORCH_HOME", "KERAS_HOME", "HF_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setattr(answers, "PATIENCE", 0.5)


def h5_bytes(tmp_path):
    import h5py

    path = tmp_path / "tiny.h5"
    with h5py.File(path, "w") as file:
        file["layer/kernel"] = np.arange(6.0).reshape(2, 3)
    return path.read_bytes()


def pth_bytes(tmp_path):
    torch.save(TINY, tmp_path / "tiny.pth")
    return (tmp_path / "tiny.pth").read_bytes()


BERT = {
    "config.json": json.dumps({"model_type": "bert", "hidden_size": 8}).encode(),
    "tokenizer_config.json": b"{}",
    "tokenizer.json": b"{}",
    "model.safetensors": save(TINY),
}


def contents(name, tmp_path):
    if name == "bert-base-uncased":
        return BERT
    make = pth_bytes if pretrained.PRETRAINED[name].library == "torchvision" else h5_bytes
    return {pretrained.PRETRAINED[name].files[0].file: make(tmp_path)}


def place(monkeypatch, name, tmp_path, folder=None, register=True):
    """Put small files of the real formats into a folder; register their sums."""
    entry = pretrained.PRETRAINED[name]
    files, where = contents(name, tmp_path), folder or entry.folders[0]
    where.mkdir(parents=True, exist_ok=True)
    for file, written in files.items():
        (where / file).write_bytes(written)
    if register:
        remotes = []
        for remote in entry.files:
            kind = remote.checksum.partition(":")[0]
            known = f"{kind}:{hashlib.new(kind, files[remote.file]).hexdigest()}" if kind else ""
            remotes.append(replace(remote, checksum=known))
        monkeypatch.setitem(pretrained.PRETRAINED, name, replace(entry, files=tuple(remotes)))
    return where


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["own folder", "library's folder"])
def test_files_that_are_here_are_used_without_a_network(name, elsewhere, tmp_path, monkeypatch):
    monkeypatch.setattr(answers, "first_answer", None)  # a call would be an error
    assert not data.have_weights(name)
    entry = pretrained.PRETRAINED[name]
    folder = entry.elsewhere()[-1] if elsewhere else None
    where = place(monkeypatch, name, tmp_path, folder)
    assert data.have_weights(name)
    path = data.weights(name, download=False)
    if name == "bert-base-uncased":
        assert path == where
        assert torch.equal(load_file(path / "model.safetensors")["w"], TINY["w"])
    else:
        assert path == where / entry.files[0].file
        assert path.read_bytes() == contents(name, tmp_path)[path.name]


@pytest.mark.parametrize("name", NAMES)
def test_without_them_one_error_names_all_there_is_to_know(name):
    with pytest.raises(data.Offline) as error:
        data.weights(name)
    message, entry = str(error.value), pretrained.PRETRAINED[name]
    for remote in entry.files:
        assert remote.file in message
    assert str(entry.folders[0]) in message and entry.instead in message
    assert "\n" not in message
    with pytest.raises(data.Offline, match="downloading was not asked for"):
        data.weights(name, download=False)


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "bert-base-uncased"])
@pytest.mark.parametrize("how", ["flip", "truncate", "page"])
def test_damaged_files_are_refused_and_stay(name, how, tmp_path, monkeypatch):
    where = place(monkeypatch, name, tmp_path)
    path = where / pretrained.PRETRAINED[name].files[-1].file
    written = bytearray(path.read_bytes())
    written[-1] ^= 1
    bad = {"flip": bytes(written), "truncate": bytes(written[:-5]), "page": b"<html>no</html>"}[how]
    path.write_bytes(bad)
    assert data.have_weights(name), "a damaged file is an error, not a reason for another network"
    with pytest.raises(ValueError, match=r"is damaged or not the right file") as error:
        data.weights(name)
    assert not isinstance(error.value, data.Offline)
    assert path.name in str(error.value) and path.read_bytes() == bad


def test_the_true_checksums_refuse_the_small_files(tmp_path, monkeypatch):
    for name in ("resnet18", "resnet50", "mobilenet_v3_small", "vgg16", "bert-base-uncased"):
        place(monkeypatch, name, tmp_path, register=False)
        with pytest.raises(ValueError, match="not the right file"):
            data.weights(name)


def test_keras_gives_no_sum_for_mobilenet_so_the_first_use_is_written_down(tmp_path, monkeypatch):
    where = place(monkeypatch, "mobilenet_v2_0.35", tmp_path)
    path = data.weights("mobilenet_v2_0.35")
    line = (data.online_dir() / "SHA256SUMS").read_text()
    assert line.endswith(f"  weights/{path.name}\n") and len(line.split()[0]) == 64
    written = bytearray(path.read_bytes())
    written[-1] ^= 1
    path.write_bytes(written)
    with pytest.raises(ValueError, match="as at its first use"):
        data.weights("mobilenet_v2_0.35")
    (data.online_dir() / "SHA256SUMS").unlink()
    path.write_bytes(b"<!doctype html>")
    with pytest.raises(ValueError, match="does not begin like"):
        data.weights("mobilenet_v2_0.35")
    assert where == path.parent


def test_only_the_pinned_revision_of_bert_is_taken(tmp_path, monkeypatch):
    hub = tmp_path / "HF_HOME" / "hub" / "models--bert-base-uncased" / "snapshots"
    place(monkeypatch, "bert-base-uncased", tmp_path, hub / "another-revision")
    assert not data.have_weights("bert-base-uncased")
    where = place(monkeypatch, "bert-base-uncased", tmp_path, hub / pretrained.BERT_REVISION)
    assert data.weights("bert-base-uncased") == where
    (where / "tokenizer.json").unlink()
    assert not data.have_weights("bert-base-uncased"), "half of a folder is none"


def test_an_unknown_name_lists_the_known():
    for ask in (data.weights, data.have_weights):
        with pytest.raises(ValueError, match="name: got 'resnet', want one of 'resnet18'"):
            ask("resnet")


@pytest.mark.slow
def test_names_and_sums_are_those_of_torchvision_and_keras():
    from torchvision import models

    for name in ("resnet18", "resnet50", "mobilenet_v3_small"):
        (remote,) = pretrained.PRETRAINED[name].files
        meant = models.get_model_weights(name)["IMAGENET1K_V1"]
        assert remote.addresses() == (meant.url,)
        prefix = meant.url.rpartition("-")[2].removesuffix(".pth")
        assert remote.checksum.startswith(f"sha256:{prefix}")
        assert remote.size / 2**20 == pytest.approx(meant.meta["_file_size"], abs=0.01)
    (vgg,) = pretrained.PRETRAINED["vgg16"].files
    assert vgg.addresses()[0].endswith("/" + vgg.file)
    from importlib.util import find_spec
    from pathlib import Path

    source = Path(find_spec("keras").origin).parent / pretrained.VGG16_SOURCE
    assert f'file_hash="{vgg.checksum.removeprefix("md5:")}"' in source.read_text()
    for name in NAMES:
        if name.startswith("mobilenet_v2"):
            (remote,) = pretrained.PRETRAINED[name].files
            assert remote.addresses()[0].endswith("/mobilenet_v2/" + remote.file)


def test_addresses_on_the_hub_follow_its_endpoint():
    for remote in pretrained.PRETRAINED["bert-base-uncased"].files:
        (address,) = remote.addresses()
        ending = f"bert-base-uncased/resolve/{pretrained.BERT_REVISION}/{remote.file}"
        assert address.endswith(ending)


def test_a_library_without_the_constant_says_so():
    with pytest.raises(ValueError, match="this version of torchvision has no MNIST.nothing"):
        constant("torchvision", "datasets/mnist.py", "MNIST.nothing")
    with pytest.raises(ValueError, match=r"this version of torchvision has no datasets/none\.py"):
        constant("torchvision", "datasets/none.py", "x")
    with pytest.raises(ValueError, match="no_such_package is not installed"):
        constant("no_such_package", "x.py", "x")
