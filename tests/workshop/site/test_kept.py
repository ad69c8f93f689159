"""The packs that travel with the project are those of its code, small, and what a page loads."""

import pytest

from tlbook.course import widgets
from tlbook.workshop.site import computing, kept, moving, pack

CHEAP = "coverage_dial"
"""Its pictures take a tenth of a second."""


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Kept packs lie in an empty folder; the cheap one is copied into it."""
    text = kept.path_of(CHEAP).read_text(encoding="utf-8")
    monkeypatch.setattr(kept, "path_of", lambda name: tmp_path / f"{name}.js")
    kept.path_of(CHEAP).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("name", widgets.names())
def test_the_pack_of_every_experiment_was_made_by_its_present_code(name):
    assert kept.fresh(name), "to bring it up to date: tlbook site --keep"


def test_packs_are_small_and_none_is_left_over():
    files = list(kept.path_of(CHEAP).parent.iterdir())
    assert {path.name for path in files} == {f"{name}.js" for name in widgets.names()}
    assert all(path.stat().st_size <= pack.MOST_BYTES + 200 for path in files)
    assert sum(path.stat().st_size for path in files) < 5_000_000


@pytest.mark.slow
def test_a_fresh_clone_computes_no_picture(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(computing, "_in_processes", lambda job, tasks, tell: asked.extend(tasks))
    found = computing.packed(tmp_path, widgets.names(), print)
    assert asked == [] and set(found) == set(widgets.names())


@pytest.mark.slow
@pytest.mark.parametrize("name", [CHEAP, "shift_simulator"])
def test_words_drawn_today_are_those_in_the_pack(name):
    """Lines of a picture may differ in a digit on another machine; its words and controls not."""
    found = kept.differences(name, [0, 1, -1])
    assert [words for words in found if not words.startswith("picture")] == []


def test_a_pack_comes_out_as_it_went_in():
    pictures = ["<svg>\n<a/>\n<b/>\n</svg>", "<svg>\n<b/>\n<b/>\n</svg>"]
    got = kept.content("// toy\n" + pack.packed("toy", {"words": ["x", "y"]}, pictures))
    assert got == {"words": ["x", "y"], "pictures": [text.splitlines() for text in pictures]}
    with pytest.raises(ValueError, match="script: got a text that hands no pictures"):
        kept.content("// toy\n")


def changed(path, **facts):
    """Put other facts into a pack."""
    text = path.read_text(encoding="utf-8")
    inside = kept.content(text)
    pictures = ["\n".join(lines) for lines in inside.pop("pictures")]
    new = pack.packed(path.stem, inside | facts, pictures)
    path.write_text(text.split("\n", 1)[0] + f"\n// {path.stem}\n{new}", encoding="utf-8")


def test_what_a_pack_shows_and_code_does_not_is_found(elsewhere):
    path = kept.path_of(CHEAP)
    words = kept.content(path.read_text(encoding="utf-8"))["words"]
    changed(path, words=["old words", *words[1:]])
    assert "the words of picture 0" in kept.differences(CHEAP, [0])
    assert "the words of picture 1" not in kept.differences(CHEAP, [1])
    changed(path, title="Another?")
    assert kept.differences(CHEAP, [1]) == ["the controls or their settings"]


def test_changed_code_with_the_same_pictures_renames_the_pack(elsewhere, monkeypatch):
    path, key = kept.path_of(CHEAP), "0123456789abcdef"
    before = path.read_text(encoding="utf-8").split("\n", 1)
    monkeypatch.setattr(moving, "key", lambda name: key)
    monkeypatch.setattr(kept, "differences", lambda name, places: [])
    assert not kept.fresh(CHEAP)
    assert "2 pictures drawn again" in kept.renew(CHEAP, elsewhere / "cache", [0, 7])
    after = path.read_text(encoding="utf-8").split("\n", 1)
    assert kept.fresh(CHEAP) and after[1] == before[1] and key in after[0]


def test_changed_code_with_other_pictures_computes_all(elsewhere, monkeypatch):
    script = pack.packed(CHEAP, {"words": ["new"]}, ["<svg/>"])
    new = elsewhere / "cache" / f"{CHEAP}-48-x.js"
    new.parent.mkdir()
    new.write_text(script, encoding="utf-8")
    made = moving.Made(CHEAP, new, 1, 1.0)
    monkeypatch.setattr(kept, "differences", lambda name, places: ["picture 3"])
    monkeypatch.setattr(moving, "make", lambda name, cache: made)
    assert "1 pictures, 0 KB" in kept.renew(CHEAP, elsewhere / "cache", [3])
    assert kept.content(kept.path_of(CHEAP).read_text(encoding="utf-8"))["words"] == ["new"]
    assert kept.head(kept.path_of(CHEAP))[1] == 48


def test_a_file_that_is_no_pack_is_named(elsewhere):
    kept.path_of(CHEAP).write_text("// something else\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"{CHEAP}.js: the first line does not name"):
        kept.fresh(CHEAP)


def test_only_what_is_behind_its_code_is_renewed(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(computing, "_in_processes", lambda job, tasks, tell: asked.extend(tasks))
    monkeypatch.setattr(kept, "fresh", lambda name: name != CHEAP)
    computing.keep(tmp_path, print)
    [(name, cache, sample)] = asked
    assert (name, cache, len(sample)) == (CHEAP, tmp_path, kept.SAMPLE)
