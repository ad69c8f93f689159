"""20 Newsgroups from its archive, folders or scikit-learn's copy."""

import codecs
import pickle

import numpy as np
import pytest

from tests.library.data.online import online_cases as cases
from tlbook import data
from tlbook.data.online import answers, registry
from tlbook.data.online.newsgroups import GROUPS


@pytest.fixture(autouse=True)
def clean(temporary_cache, monkeypatch, tmp_path):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "sklearn"))
    monkeypatch.setattr(answers, "PATIENCE", 0.5)


@pytest.fixture
def archive(monkeypatch):
    paths = cases.place(
        monkeypatch, "newsgroups", {"20news-bydate.tar.gz": cases.tar(cases.newsgroup_posts())}
    )
    monkeypatch.setattr(answers, "first_answer", None)
    return paths[0]


def words(texts):
    return {word for text in texts for word in text.split()}


def test_topics_are_classes_and_groups_are_domains(archive):
    assert data.have("newsgroups")
    task = data.load("newsgroups")
    assert task.classes == ("comp", "rec", "sci", "talk")
    source = [*task.source.X, *task.validation.X]
    labels = np.concatenate([task.source.y, task.validation.y])
    assert np.bincount(labels).tolist() == [36, 24, 24, 24] and len(task.validation) == 108 // 5
    for text, label in zip(source, labels, strict=True):
        assert cases.WORDS[task.classes[label]][0] in text, "words of the source groups"
        assert "in train" in text
    targets = [pair for k in (0, 1, 2, 3) for pair in cases.WORDS[task.classes[k]][1].split()]
    assert set(targets) <= words(task.target.X) and not set(targets) & words(source)
    seen = []
    task.score(lambda X: seen.extend(X) or np.zeros(len(X), int))
    assert all("in test" in text for text in seen) and len(seen) == 8 * 12


def test_what_tells_the_group_is_removed_unless_kept(archive):
    removed = data.load("newsgroups")
    for text in removed.source.X:
        assert "From:" not in text and "signature" not in text and "quoted" not in text
        assert "writes:" not in text and "café" in text
    kept = data.load("newsgroups", remove=())
    assert all("From: someone@" in text and "> quoted" in text for text in kept.source.X)
    assert len(kept.source) == len(removed.source)
    some = data.load("newsgroups", remove=("headers",)).source.X
    assert all("From:" not in text and "signature" in text for text in some)


def test_topics_and_groups_can_be_chosen(archive):
    task = data.load(
        "newsgroups", topics=("rec", "comp"), target_groups=("rec.autos", "comp.windows.x")
    )
    assert task.classes == ("rec", "comp")
    assert "engine" in words(task.target.X) and "goal" in words(task.source.X)
    assert task.provenance.endswith("→ comp.windows.x, rec.autos")
    small = data.load("newsgroups", n_source=40, n_target=8, seed=1)
    assert len(small.source) == 32 and len(small.target.X) == 8
    assert pickle.loads(pickle.dumps(task)).target.X.tolist() == task.target.X.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"topics": ("comp", "misc")}, "topics: got 'misc'"),
        ({"topics": ("comp",)}, "want two or more different ones"),
        ({"topics": "comp"}, "want two or more different ones"),
        ({"topics": ("comp", "comp")}, "want two or more different ones"),
        ({"target_groups": ("rec.autos",)}, "target_groups: got nothing of comp"),
        ({"target_groups": ("alt.atheism",)}, "target_groups: got 'alt.atheism'"),
        (
            {"topics": ("rec", "sci"), "target_groups": GROUPS["rec"]["source"]},
            "got nothing of sci",
        ),
        ({"remove": ("names",)}, "remove: got 'names'"),
        ({"n_source": 3}, "n_source: got 3"),
    ],
)
def test_unfit_options_are_named(archive, options, message):
    with pytest.raises(ValueError, match=message):
        data.load("newsgroups", **options)


def test_the_groups_of_a_task_are_those_of_the_collection():
    every = [group for sides in GROUPS.values() for side in sides.values() for group in side]
    assert len(set(every)) == len(every) == 17
    for topic, sides in GROUPS.items():
        assert all(g.split(".")[0] == topic for side in sides.values() for g in side)
        assert max(sides["source"]) < min(sides["target"]), "halves by the alphabet"


def library_copy(tmp_path, n=6):
    """Write the corpus as scikit-learn keeps it: a zipped pickle of two Bunches."""
    from sklearn.utils import Bunch

    posts = cases.newsgroup_posts(n)
    groups = sorted({path.split("/")[1] for path in posts})
    halves = {}
    for half in ("train", "test"):
        mine = {p: t for p, t in posts.items() if p.startswith(f"20news-bydate-{half}")}
        halves[half] = Bunch(
            data=[text.decode("latin1") for text in mine.values()],
            target=np.array([groups.index(path.split("/")[1]) for path in mine]),
            target_names=groups,
            filenames=np.array(list(mine)),
        )
    path = tmp_path / "sklearn" / "20news-bydate_py3.pkz"
    path.parent.mkdir()
    path.write_bytes(codecs.encode(pickle.dumps(halves), "zlib_codec"))
    return path


def test_the_copy_of_scikit_learn_is_used(tmp_path, monkeypatch):
    assert not data.have("newsgroups")
    path = library_copy(tmp_path)
    monkeypatch.setattr(answers, "first_answer", None)
    assert data.have("newsgroups")
    from_library = data.load("newsgroups")
    assert len(from_library.source) + len(from_library.validation) == 9 * 6
    cases.place(
        monkeypatch, "newsgroups", {"20news-bydate.tar.gz": cases.tar(cases.newsgroup_posts(6))}
    )
    from_archive = data.load("newsgroups")
    assert sorted(from_library.target.X) == sorted(from_archive.target.X)
    assert path.is_file()


def test_a_damaged_copy_of_scikit_learn_is_named(tmp_path, capsys):
    path = library_copy(tmp_path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"20news-bydate_py3\.pkz is damaged"):
        data.load("newsgroups")
    assert capsys.readouterr().out == ""


def test_an_archive_without_the_halves_is_named(monkeypatch):
    cases.place(monkeypatch, "newsgroups", {"20news-bydate.tar.gz": cases.tar({"readme": b"x"})})
    with pytest.raises(ValueError, match="no folder 20news-bydate-train"):
        data.load("newsgroups")


def test_the_archive_is_unpacked_once(archive):
    first = data.load("newsgroups").source.X
    archive.unlink()
    assert data.load("newsgroups").source.X.tolist() == first.tolist()
    assert registry.unpacked(registry.FILES["newsgroups"][0]).is_dir()
