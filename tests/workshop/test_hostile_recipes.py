"""Every recipe of the course on spoilt files, network blocked: a clear error or a clear skip.

What is spoilt is met when the files are looked at, in the first cells: nothing is trained here.
"""

import os

import numpy as np
import pytest
from PIL import Image

from tlbook.workshop import recipes

pytestmark = pytest.mark.slow

KINDS = {name: "TEXT" in recipe.values() for name, recipe in recipes.recipes().items()}
UNLABELED = {"hear", "name_pictures", "new_language", "speak", "translate"}
"""Recipes whose files have no classes; ``test_answers`` of chapter 19b spoils them."""
OF_PICTURES = sorted(name for name, texts in KINDS.items() if not texts and name not in UNLABELED)
OF_TEXTS = sorted(name for name, texts in KINDS.items() if texts)
FLAT = {"adversarial"}
"""Recipes whose folder has classes and no splits."""
LOOKED = {"adversarial": 3}
"""After so many cells the files were looked at; two where nothing is said."""
SPLITS = [(name, split) for name in OF_PICTURES for split in ("train", "test")]


@pytest.fixture(autouse=True)
def restored(monkeypatch, temporary_cache):
    """Give back the environment: a recipe may set variables for its own process."""
    for name in list(os.environ):
        monkeypatch.setenv(name, os.environ[name])


def draw(folder, flat, classes=("ants", "bees", "wasps"), seed=0):
    """Write a folder of noisy pictures, with three splits or none."""
    rng = np.random.default_rng(seed)
    for split, n in ((".", 12),) if flat else (("train", 12), ("val", 6), ("test", 6)):
        for k, name in enumerate(classes):
            (folder / split / name).mkdir(parents=True)
            for i in range(n):
                pixels = rng.integers(0, 100, (40, 40, 3)) + np.eye(3, dtype=int)[k] * 150
                picture = Image.fromarray(pixels.astype(np.uint8))
                picture.save(folder / split / name / f"{i}.png")
    return folder


def look(name, folder, **options):
    """Run the cells of a recipe that look at the files, in this process."""
    recipe = recipes.find(name)
    (folder / "out").mkdir(exist_ok=True)
    text = recipes.script(name, out=folder / "out", **options)
    for rest in recipe.cells[LOOKED.get(name, 2) :]:
        text = text.replace(rest, "")
    exec(compile(text, f"{name}.py", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("name", OF_PICTURES)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_damaged_picture_is_named_and_left_out(name, kind, tmp_path, capsys):
    folder = draw(tmp_path / "data", name in FLAT)
    place = folder / ("." if name in FLAT else "train") / "bees"
    Image.open(place / "0.png").save(place / "broken.jpg", kind, quality=95)
    whole = (place / "broken.jpg").read_bytes()
    (place / "broken.jpg").write_bytes(whole[: len(whole) // 2])
    options = {"target": folder} if name in FLAT else {}
    look(name, tmp_path, data=folder, **options)
    assert "broken.jpg" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_an_empty_class_and_a_class_of_one_split_are_errors(name, split, tmp_path):
    if name in FLAT:
        split = "."
    folder = draw(tmp_path / "data", name in FLAT)
    for file in (folder / split / "wasps").iterdir():
        file.unlink()
    options = {"target": folder} if name in FLAT else {}
    # torchvision's ImageFolder says it by a FileNotFoundError.
    with pytest.raises((ValueError, FileNotFoundError), match="wasps"):
        look(name, tmp_path, data=folder, **options)
    if name not in FLAT:
        (folder / split / "wasps").rmdir()
        with pytest.raises(ValueError, match="wasps"):
            look(name, tmp_path, data=folder)


@pytest.mark.parametrize("name", OF_TEXTS)
def test_another_encoding_is_named_and_reads_when_it_is_given(name, tmp_path):
    file = tmp_path / "own.csv"
    topics = {"Küche": "köstliche Suppe für Gäste", "Börse": "fällige Aktien und Verkäufe"}
    rows = [f"{words} {i},{topic}" for i in range(30) for topic, words in topics.items()]
    file.write_text("text,label\n" + "\n".join(rows), "cp1252")
    options = {"data": file, "text": "text", "label": "label"}
    with pytest.raises(ValueError, match="encoding: own.csv is not utf-8"):
        look(name, tmp_path, **options)
    look(name, tmp_path, encoding="cp1252", **options)


@pytest.mark.parametrize("name", OF_TEXTS)
def test_a_column_that_is_not_there_lists_those_that_are(name, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("words,topic\n" + "a,x\nb,y\n" * 9, "utf-8")
    with pytest.raises(ValueError, match="the columns 'words', 'topic'"):
        look(name, tmp_path, data=file, text="text", label="label")
