"""Pictures in a folder, read when drawn; killed and taken up; mistakes in a dataset."""

import os
import subprocess
import sys
import weakref

import numpy as np
import pytest
from PIL import Image
from torch import get_num_threads, nn
from torch.utils.data import Dataset, IterableDataset
from torchvision.datasets import ImageFolder
from torchvision.transforms.functional import to_tensor

from tests.library.training.training_cases import Rows, blobs, digest, net
from tlbook.models import seeded
from tlbook.training import Checkpoints, fit, predict

OPTIONS = {"steps": 24, "batch_size": 8, "lr": 1e-2, "seed": 3, "device": "cpu", "progress": False}


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Linear(4, 3)

    def features(self, x):
        return self.body(x).mean((2, 3))

    def forward(self, x):
        return self.head(self.features(x))


class Reader:
    """Opens a picture as ``ImageFolder`` does; knows what it has read and what is still held."""

    def __init__(self, kill_at=None):
        self.read, self.held, self.most, self.kill_at = [], [], 0, kill_at

    def open(self, path):
        if len(self.read) == self.kill_at:
            os.kill(os.getpid(), 9)
        self.read.append(path)
        with Image.open(path) as file:
            return file.convert("L")

    def __call__(self, picture):
        x = to_tensor(picture)
        self.held = [ref for ref in self.held if ref() is not None] + [weakref.ref(x)]
        self.most = max(self.most, len(self.held))
        return x


def write_folder(folder, n=60):
    rng = np.random.default_rng(0)
    for number in range(n):
        kind = number % 3
        pixels = rng.integers(0, 120, size=(9, 9)) + 60 * kind
        (folder / f"class-{kind}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"class-{kind}/{number:03d}.png")


def train(folder, reader, **options):
    model = seeded(Pictures, 0)
    dataset = ImageFolder(str(folder), transform=reader, loader=reader.open)
    history = fit(model, dataset, **{**OPTIONS, **options})
    return model, history, dataset


def test_pictures_of_a_folder_are_read_when_they_are_drawn(tmp_path):
    write_folder(tmp_path)
    reader, counts = Reader(), []

    def count(step, batch):
        counts.append(len(reader.read))

    model, history, dataset = train(tmp_path, reader, callback=count)
    assert counts == [8 * (step + 1) for step in range(24)]
    assert reader.most <= 8, "one draw is in memory, not the folder"
    assert len(set(reader.read[:60])) == 60, "a pass shows every picture once"
    X = np.stack([dataset[i][0].numpy() for i in range(60)])
    y = np.array(dataset.targets)
    in_memory = seeded(Pictures, 0)
    record = fit(in_memory, (X, y), **OPTIONS)
    assert digest(model) == digest(in_memory)
    assert np.array_equal(history.loss, record.loss)
    assert np.array_equal(predict(model, dataset), predict(in_memory, X))


SCRIPT = """
import sys, torch
torch.set_num_threads(int(sys.argv[5]))
sys.path.insert(0, sys.argv[1])
from tests.library.training.test_stored import Checkpoints, Reader, train
train(sys.argv[2], Reader(kill_at=int(sys.argv[4])), checkpoint=Checkpoints(sys.argv[3], every=3))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a signal that kills")
def test_a_run_that_is_killed_while_it_reads_a_picture_is_taken_up(tmp_path, pytestconfig):
    pictures, kept = tmp_path / "pictures", tmp_path / "kept"
    write_folder(pictures)
    whole, record, _ = train(pictures, Reader())
    places = [str(pytestconfig.rootpath), str(pictures), str(kept)]
    for kill_at, reached in ((8 * 10 + 5, 9), (8 * 4 + 1, 12)):  # in draw 10; then in draw 13
        command = [sys.executable, "-c", SCRIPT, *places, str(kill_at), str(get_num_threads())]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == -9, done.stderr
        assert Checkpoints(kept).steps()[-1] == reached
    reader = Reader()
    again, second, _ = train(pictures, reader, checkpoint=Checkpoints(kept, every=3))
    assert second.resumed_at == 12 and len(reader.read) == 8 * 12
    assert digest(again) == digest(whole)
    assert np.array_equal(second.loss, record.loss)


class Endless(Dataset):
    def __getitem__(self, number):
        return np.zeros(4, np.float32), 0


class Stream(IterableDataset):
    def __iter__(self):
        return iter([])


class Items(Dataset):
    """Whatever a function makes of a number."""

    def __init__(self, make):
        self.make = make

    def __len__(self):
        return 30

    def __getitem__(self, number):
        return self.make(number)


ROW = np.zeros(4, np.float32)


@pytest.mark.parametrize(
    ("dataset", "words"),
    [
        (Rows(*(a[:0] for a in blobs())), "source: got an empty Rows, want at least one item"),
        (Stream(), "source: got Stream, a dataset without a length.*DataLoader"),
        (Endless(), "source: got Endless, a dataset without a length"),
        (Items(lambda i: ROW), "source: got items without labels"),
        (Items(lambda i: (ROW,)), "source: got items without labels"),
        (Items(lambda i: (ROW, 0, 1)), r"source: got items of 3 values, want \(x, y\)"),
        (Items(lambda i: {"x": ROW, "y": 0}), r"source: .*dictionaries \(x, y\), want \(x, y\)"),
        (Items(lambda i: (np.zeros(3 + i % 2, np.float32), 0)), "source: .* Items .*of one shape"),
        (Items(lambda i: (Image.new("L", (3, 3)), 0)), "source: .*want tensors or arrays.*PIL"),
        (Items(lambda i: (ROW, None)), "source: .*a number as label.*NoneType"),
        (Items(lambda i: (ROW, np.eye(3)[0])), "source, y: got shape"),
        (Items(lambda i: (ROW, "cat")), "source, y: got labels of type"),
        (Items(lambda i: (ROW * np.nan, 0)), "source, X: got .*NaN"),
        (Items(lambda i: ("a text", 0)), "source, X: got .*want numbers"),
    ],
)
def test_bad_datasets_are_named(dataset, words):
    with pytest.raises(ValueError, match=words):
        fit(net(), dataset, steps=3, device="cpu", progress=False)


@pytest.mark.parametrize(
    ("data", "labeled", "words"),
    [
        ({}, None, "data: got a dictionary of nothing, want some of source, target, labeled"),
        ({"train": blobs()}, None, "data: got a dictionary of 'train', want some of source"),
        ({"source": blobs()[0]}, None, r"data\['source'\]: got ndarray, want a Domain"),
        ({"source": blobs(), "labeled": blobs()}, blobs(), "labeled: got a second labeled part"),
        (blobs(), "nine", "labeled: got str, want a Domain"),
        (3, None, "data: got int, want a Task, a dictionary of parts, a Domain"),
    ],
)
def test_bad_parts_are_named(data, labeled, words):
    with pytest.raises(ValueError, match=words):
        fit(net(), data, labeled=labeled, steps=3, device="cpu")


def test_what_a_dataset_itself_says_is_not_hidden():
    def gone(number):
        raise FileNotFoundError("picture 7 is gone")

    with pytest.raises(FileNotFoundError, match="picture 7 is gone"):
        fit(net(), Items(gone), steps=3, device="cpu")
