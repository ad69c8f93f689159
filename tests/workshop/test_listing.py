"""``tlbook data``, ``tlbook data fetch``, and the list of files in data/README.md."""

import pytest

from tests.library.data.online import online_cases as cases
from tlbook.course import chapters
from tlbook.data.catalogue import ENTRIES
from tlbook.data.online import answers, registry
from tlbook.data.weight_files.online import PRETRAINED
from tlbook.workshop import cli
from tlbook.workshop.cli import listing


@pytest.fixture(autouse=True)
def clean(temporary_cache, tmp_path, monkeypatch):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    for variable in ("TORCH_HOME", "KERAS_HOME", "HF_HOME", "SCIKIT_LEARN_DATA"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setattr(answers, "PATIENCE", 0.5)


def test_the_list_says_what_is_here(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    assert cli.main(["data"]) == 0
    out = capsys.readouterr().out
    for name in (*ENTRIES, *PRETRAINED):
        assert f"\n{name} ({listing.status(name)})\n    " in out
    lines = [line for line in out.splitlines() if "data/README.md" not in line]
    assert 60 < max(map(len, lines)) <= 80
    assert listing.status("signs") == "embedded" and listing.status("csv-texts") == "yours"
    assert listing.status("pets") == "to be downloaded" == listing.status("resnet18")
    cases.place(monkeypatch, "pets", cases.pets_files())
    assert listing.status("pets") == "yes"


def test_fetching_what_is_here_says_where(monkeypatch, capsys):
    paths = cases.place(monkeypatch, "pets", cases.pets_files())
    assert cli.main(["data", "fetch", "pets", "signs"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"pets: {paths[0].parent}",
        "signs: nothing to download",
    ]
    from tlbook import data

    data.load("pets", size=8)
    for path in paths:
        path.unlink()
    assert listing.fetch("pets") == "pets: here, unpacked"


@pytest.mark.parametrize("name", ["mnist-to-usps", "resnet18"])
def test_fetching_without_a_network_is_one_line(name, capsys):
    assert cli.main(["data", "fetch", name]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"tlbook: {name} needs ") and error.count("\n") == 1


def test_an_unknown_name_lists_the_known(capsys):
    assert cli.main(["data", "fetch", "imagenet"]) == 1
    assert "name: got 'imagenet', want one of 'mnist-to-usps'" in capsys.readouterr().err


def test_every_online_task_is_in_the_catalogue_and_names_an_embedded_one():
    assert set(registry.NEEDS) == set(registry.INSTEAD) <= set(ENTRIES)
    for name, words in registry.INSTEAD.items():
        embedded = words.split("'")[1]
        assert listing.status(embedded) == "embedded" and ENTRIES[name].source.startswith("online")


def test_the_readme_lists_every_file_with_its_folder_and_sum():
    readme = (chapters.root() / "data" / "README.md").read_text(encoding="utf-8")
    remotes = [r for group in registry.FILES.values() for r in group]
    remotes += [r for entry in PRETRAINED.values() for r in entry.files]
    for remote in remotes:
        start = f"| `{remote.folder}/` | `{remote.file}` |"
        (line,) = (x for x in readme.splitlines() if x.startswith(start))
        assert (remote.checksum.partition(":")[2] or "written down at first use") in line
    assert all(
        f"`{name}`" in readme
        for name in (*registry.NEEDS, "image-folder", "csv-texts", "csv-numbers")
    )
