"""CIFAR-10 and Pets, from small archives in their real formats: targets without source rows."""

import os
import pickle

import numpy as np
import pytest

from tests.library.data.online import online_cases as cases
from tlbook import data
from tlbook.data.online import answers, cifar, registry


@pytest.fixture(autouse=True)
def clean(temporary_cache, monkeypatch):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    monkeypatch.setattr(answers, "PATIENCE", 0.5)


@pytest.fixture
def cifar_files(monkeypatch):
    contents, truth = cases.cifar_files()
    cases.place(monkeypatch, "cifar10", contents)
    monkeypatch.setattr(answers, "first_answer", None)
    return truth


def test_cifar_is_a_target_whose_source_is_elsewhere(cifar_files):
    task = data.load("cifar10")
    assert not task.has_source
    for ask in (lambda: task.source, lambda: task.validation):
        with pytest.raises(ValueError, match="the task 'cifar10' has no source rows"):
            ask()
    assert task.target.X.shape == (100, 3, 32, 32) and len(task.classes) == 10
    X, y = task.label(2, seed=0)
    assert np.bincount(y).tolist() == [2] * 10
    truth = {
        image.tobytes(): label
        for name, (images, labels) in cifar_files.items()
        if name != "test_batch"
        for image, label in zip(images, labels, strict=True)
    }
    back = np.rint(X * 255).astype(np.uint8)
    assert [truth[image.tobytes()] for image in back] == y.tolist()
    assert data.load("cifar10", size=16, n_target=20).target.X.shape == (20, 3, 16, 16)
    again = pickle.loads(pickle.dumps(task))
    assert np.array_equal(again.target.X, task.target.X)


def test_training_on_a_task_without_source_says_what_to_do(cifar_files):
    from tlbook.models import create
    from tlbook.training import fit

    task = data.load("cifar10")
    with pytest.raises(ValueError, match=r"learn from task\.label\(k\)"):
        fit(create("signnet"), task, steps=1, progress=False)


class Evil:
    def __reduce__(self):
        return os.system, ("echo evil",)


@pytest.mark.parametrize(
    "written",
    [
        pickle.dumps(Evil()),
        pickle.dumps({"data": Evil(), "labels": [1]}),
        b"cposix\nsystem\n(S'true'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        pickle.dumps({"data": np.array([Evil()], dtype=object), "labels": [1]}, 2),
    ],
)
def test_a_pickle_that_asks_for_more_than_arrays_is_refused(tmp_path, written):
    (tmp_path / "data_batch_1").write_bytes(written)
    with pytest.raises(ValueError, match=r"data_batch_1 cannot be read .*refused: it asks for"):
        cifar.read_batch(tmp_path / "data_batch_1")


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_honest_pickles_of_every_age_are_read(tmp_path, protocol):
    images = np.random.default_rng(0).integers(0, 256, (20, 3, 32, 32), dtype=np.uint8)
    labels = np.arange(20) % 10
    (tmp_path / "b").write_bytes(cases.cifar_batch(images, labels, protocol))
    X, y = cifar.read_batch(tmp_path / "b")
    assert np.array_equal(X, images) and np.array_equal(y, labels)


def test_an_archive_that_was_unpacked_once_is_not_needed_again(cifar_files):
    first = data.load("cifar10").target.X
    (remote,) = registry.FILES["cifar10"]
    remote.path.unlink()
    assert data.have("cifar10")
    assert np.array_equal(data.load("cifar10").target.X, first)


@pytest.mark.parametrize("group", ["cifar10", "pets", "newsgroups"])
def test_hostile_and_truncated_archives_leave_nothing_behind(group, monkeypatch, temporary_cache):
    contents = {
        "cifar10": lambda: cases.cifar_files()[0],
        "pets": cases.pets_files,
        "newsgroups": lambda: {"20news-bydate.tar.gz": cases.tar(cases.newsgroup_posts(2))},
    }[group]()
    first = next(iter(contents))
    for bad, message in (
        (cases.tar({"../../evil": b"evil"}), "leads out of the folder"),
        (contents[first][: len(contents[first]) // 2], "damaged or no archive"),
    ):
        cases.place(monkeypatch, group, contents | {first: bad})
        with pytest.raises(ValueError, match=message):
            data.load(group)
        assert not list((temporary_cache / "unpacked").glob("*")) or group == "pets"
        assert not list(temporary_cache.rglob("evil"))


def test_pets_have_their_breeds_and_pictures(monkeypatch):
    cases.place(monkeypatch, "pets", cases.pets_files())
    task = data.load("pets", size=16)
    assert task.classes == ("Abyssinian", "american bulldog", "Sphynx")
    X, y = task.label(4, seed=0)
    assert X.shape == (12, 3, 16, 16)
    assert np.array_equal(X.mean(axis=(2, 3)).argmax(1), y), "red, green and blue breeds"
    assert task.score(lambda T: T.mean(axis=(2, 3)).argmax(1)) == 1
    assert not task.has_source


def test_a_damaged_picture_among_the_pets_is_named(monkeypatch):
    contents = cases.pets_files()
    images = {
        f"images/{b}_{i}.jpg": cases.jpeg((9, 9, 9)) for b in ("Abyssinian",) for i in range(8)
    }
    contents["images.tar.gz"] = cases.tar(images | {"images/Abyssinian_0.jpg": b"no"})
    contents["annotations.tar.gz"] = cases.tar(
        {
            "annotations/trainval.txt": b"Abyssinian_0 1 1 1\nAbyssinian_1 1 1 1\n",
            "annotations/test.txt": b"Abyssinian_2 1 1 1\n",
        }
    )
    cases.place(monkeypatch, "pets", contents)
    with pytest.raises(ValueError, match=r"cannot be read as pictures: .*Abyssinian_0\.jpg"):
        data.load("pets", size=16).target.X  # noqa: B018
