"""Public data sets of pictures, from small files in their real formats."""

import gzip
import os
import pickle
from importlib import import_module

import numpy as np
import pytest

from tests.library.data.online import online_cases as cases
from tlbook import data
from tlbook.data.online import answers, registry
from tlbook.data.online.mnist_m import blend

rng = np.random.default_rng(0)


def pictures(n, *shape):
    """Return n noisy pictures and the labels 0 … 9 in turn; the label is the top left pixel."""
    images = rng.integers(0, 256, (n, *shape), dtype=np.uint8)
    labels = np.arange(n) % 10
    images[..., 0, 0] = labels.reshape(-1, *[1] * (len(shape) - 2)) * 20
    return images, labels


MNIST = pictures(200, 28, 28), pictures(40, 28, 28)
USPS = pictures(120, 16, 16), pictures(30, 16, 16)
SVHN = pictures(100, 3, 32, 32)


@pytest.fixture(autouse=True)
def clean(temporary_cache, monkeypatch):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    monkeypatch.setattr(answers, "PATIENCE", 0.5)


@pytest.fixture
def files(monkeypatch):
    """Put all files there and forbid the network."""
    paths = {
        "mnist": cases.place(monkeypatch, "mnist", cases.mnist_files(*MNIST)),
        "usps": cases.place(monkeypatch, "usps", cases.usps_files(*USPS)),
        "svhn": cases.place(monkeypatch, "svhn", cases.svhn_files(*SVHN)),
    }
    monkeypatch.setattr(answers, "first_answer", None)
    return paths


def rows(images):
    return {image.tobytes() for image in images}


def test_mnist_to_usps_has_the_pictures_of_the_files(files):
    assert data.have("mnist-to-usps")
    task = data.load("mnist-to-usps", size=28)
    X, y = task.source.X, task.source.y
    assert X.shape == (160, 1, 28, 28) and X.dtype == np.float32 and X.min() >= 0 and X.max() <= 1
    assert np.allclose(np.rint(X[:, 0, 0, 0] * 255), y * 20), "pictures keep their labels"
    given = rows((MNIST[0][0][:, None] / np.float32(255)).astype(np.float32))
    held = rows(task.validation.X)
    assert len(held) == 40 and rows(X) | held == given and not rows(X) & held
    assert task.target.X.shape == (120, 1, 28, 28)
    assert task.classes == tuple("0123456789")
    seen = []
    assert task.score(lambda T: seen.append(T) or np.arange(30) % 10) >= 0
    assert seen[0].shape == (30, 1, 28, 28)


def test_usps_is_read_as_it_was_written(files):
    task = data.load("usps-to-mnist", size=16)
    found = np.concatenate([task.source.X, task.validation.X]).reshape(120, -1)
    # Six decimals in the file, then a cut to whole numbers: at most one gray level off.
    known = USPS[0][0].reshape(120, -1).astype(int)
    for image in np.rint(found * 255).astype(int):
        assert np.abs(known - image).max(1).min() <= 1
    labels = np.concatenate([task.source.y, task.validation.y])
    assert np.bincount(labels).tolist() == [12] * 10


def test_house_numbers_call_a_zero_ten_and_come_in_color(files):
    task = data.load("svhn-to-mnist")
    assert task.source.X.shape == (80, 3, 32, 32)
    corner = np.rint(task.source.X[:, 0, 0, 0] * 255)
    assert np.array_equal(corner, task.source.y * 20)
    assert set(task.source.y) == set(range(10))
    gray = task.target.X
    assert gray.shape == (200, 3, 32, 32) and np.array_equal(gray[:, 0], gray[:, 2])
    one = data.load("svhn-to-mnist", channels=1).source.X
    luminance = np.tensordot([0.299, 0.587, 0.114], task.source.X, (0, 1))
    assert np.abs(one[:, 0] - luminance).max() <= 0.5 / 255 + 1e-6


def test_mnist_m_is_the_formula_on_other_digits(files):
    task = data.load("mnist-to-mnist-m")
    assert task.options["photographs"] == "embedded" and "vultilion" in task.provenance
    X = task.source.X
    assert X.shape == (80, 3, 28, 28) and np.array_equal(X[:, 0], X[:, 1])
    own = rows(X[:, 0]) | rows(task.validation.X[:, 0])
    assert len(own) == 100, "one half of the digits"
    digits = np.full((5, 1, 12, 12), 200, np.uint8)
    photograph = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
    small = np.zeros((5, 40, 3), np.uint8)
    blended = blend(digits, [small, photograph], np.random.default_rng(0))
    expected = np.abs(photograph.astype(int) - 200).transpose(2, 0, 1)
    assert (blended == expected).all(), "the only place where a patch fits"
    with pytest.raises(ValueError, match="photographs: got none of at least 12 × 12"):
        blend(digits, [small], np.random.default_rng(0))


def test_photographs_of_your_own(files, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    with pytest.raises(
        ValueError, match="photographs: got .*photos.*, want 'embedded' or a folder"
    ):
        data.load("mnist-to-mnist-m", photographs=folder)
    (folder / "a.png").write_bytes(cases.jpeg((255, 255, 255), (64, 64), "PNG"))
    task = data.load("mnist-to-mnist-m", photographs=folder)
    assert task.options["photographs"] == str(folder)
    assert "1 photographs of photos" in task.provenance
    white = task.target.X
    assert np.array_equal(white[:, 0], white[:, 1]), "|1 − x| of a gray digit is gray"
    again = pickle.loads(pickle.dumps(task))
    assert np.array_equal(again.target.X, white)
    (folder / "a.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"a\.png cannot be read as a picture"):
        data.load("mnist-to-mnist-m", photographs=folder).target.X  # noqa: B018


@pytest.mark.parametrize("name", ["mnist-to-usps", "usps-to-mnist", "svhn-to-mnist"])
def test_limits_keep_the_share_of_each_class_and_follow_the_seed(files, name):
    one, same, other = (data.load(name, seed=s, n_source=50, n_target=20) for s in (1, 1, 2))
    assert len(one.source.X) == 40 and len(one.validation) == 10 and len(one.target.X) == 20
    both = np.concatenate([one.source.y, one.validation.y])
    assert np.bincount(both).tolist() == [5] * 10
    assert np.array_equal(one.source.X, same.source.X)
    assert np.array_equal(one.target.X, same.target.X)
    assert not np.array_equal(one.source.X, other.source.X)


def test_a_task_travels_as_its_recipe(files):
    task = data.load("mnist-to-usps", seed=3, size=8, n_target=None)
    again = pickle.loads(pickle.dumps(task))
    assert again.options == task.options and again.options["n_target"] is None
    assert np.array_equal(again.source.X, task.source.X)


def test_files_are_parsed_once(files, monkeypatch):
    first = data.load("mnist-to-usps").target.X
    monkeypatch.setitem(import_module("tlbook.data.online.digit_files").READERS, "usps", None)
    assert np.array_equal(data.load("mnist-to-usps").target.X, first)


@pytest.mark.parametrize("name", registry.NEEDS)
def test_without_files_one_error_names_them_all(name):
    assert not data.have(name)
    with pytest.raises(data.Offline) as error:
        data.load(name)
    message = str(error.value)
    missing = registry.FILES[registry.NEEDS[name][0]]
    assert message.startswith(f"{name} needs ") and "\n" not in message
    assert all(remote.file in message for remote in missing)
    assert str(missing[0].path.parent) in message and registry.INSTEAD[name] in message


@pytest.mark.parametrize("how", ["truncate", "flip", "page"])
@pytest.mark.parametrize("group", ["mnist", "usps", "svhn"])
def test_damaged_files_are_refused(files, group, how):
    path = files[group][0]
    written = bytearray(path.read_bytes())
    written[len(written) // 2] ^= 1
    bad = {"flip": written, "truncate": written[: len(written) // 2], "page": b"<html></html>"}[how]
    path.write_bytes(bad)
    name = next(n for n, groups in registry.NEEDS.items() if group in groups)
    with pytest.raises(ValueError, match=f"{path.name} is damaged or not the right file"):
        data.load(name)
    assert path.read_bytes() == bytes(bad)


def test_a_wrong_format_with_the_right_sum_is_named(files, monkeypatch):
    contents = cases.mnist_files(*MNIST)
    contents["train-images-idx3-ubyte.gz"] = gzip.compress(b"no idx file")
    paths = cases.place(monkeypatch, "mnist", contents)
    with pytest.raises(ValueError, match=rf"{paths[0].name} cannot be read"):
        data.load("mnist-to-usps").source.X  # noqa: B018
    contents = cases.mnist_files((MNIST[0][0], MNIST[0][1][:-1]), MNIST[1])
    cases.place(monkeypatch, "mnist", contents)
    with pytest.raises(ValueError, match="got 200 pictures and 199 labels"):
        data.load("mnist-to-usps").source.X  # noqa: B018


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 4}, "size: got 4, want at least 8"),
        ({"channels": 2}, "channels: got 2"),
        ({"n_source": 10}, "n_source: got 10, want None"),
        ({"n_target": 0}, "n_target: got 0"),
        ({"n_target": 2.5}, r"n_target: got 2\.5"),
        ({"color": 1}, "options of 'mnist-to-usps': got color"),
    ],
)
def test_unfit_options_are_named(files, options, message):
    with pytest.raises(ValueError, match=message):
        data.load("mnist-to-usps", **options)


def test_checksums_are_those_of_the_libraries():
    from sklearn.datasets import _twenty_newsgroups as newsgroups
    from torchvision import datasets

    known = dict(datasets.MNIST.resources)
    for kind in (datasets.USPS, datasets.SVHN):
        known |= {file: md5 for _, file, md5 in kind.split_list.values()}
    known[datasets.CIFAR10.filename] = datasets.CIFAR10.tgz_md5
    known |= {os.path.basename(a): m for a, m in datasets.OxfordIIITPet._RESOURCES}
    for group, remotes in registry.FILES.items():
        for remote in remotes:
            kind, _, found = remote.checksum.partition(":")
            if group == "newsgroups":
                assert (kind, found) == ("sha256", newsgroups.ARCHIVE.checksum)
                assert remote.file == newsgroups.ARCHIVE.filename
                assert remote.addresses() == (newsgroups.ARCHIVE.url,)
            else:
                assert (kind, found) == ("md5", known[remote.file])
                assert all(a.endswith(remote.file) for a in remote.addresses())
                assert remote.addresses()
