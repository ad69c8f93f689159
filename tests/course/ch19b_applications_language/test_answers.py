"""The code of the notebook as it stands there: functions, exercises' numbers, recipes."""

import ast
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.io import wavfile
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tlbook import data, trust
from tlbook.course.ch19b_applications_language import exercises as ex
from tlbook.course.ch19b_applications_language import speech
from tlbook.course.ch19b_applications_language.clinics import BIASES, logistic
from tlbook.course.ch19b_applications_language.clinics import (
    prior_corrected as corrected_probability,
)
from tlbook.course.ch19b_applications_language.pictures import gains
from tlbook.course.ch19b_applications_language.synthesis import RATE, synthesize
from tlbook.workshop import recipes

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "19b_applications_language.ipynb"
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef)


@pytest.fixture(scope="module")
def chapter():
    """The notebook's functions and the two numbers that they need; recipes left out."""
    names: dict = {"RATE": 10_000, "FACTORS": np.linspace(-0.6, 0.3, 46)}
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "recipe" not in cell["metadata"].get("tags", []):
            tree = ast.parse("".join(cell["source"]))
            tree.body = [node for node in tree.body if isinstance(node, KEPT)]
            exec(compile(tree, NOTEBOOK.name, "exec"), names)
    return names


def test_the_voice_by_hand_has_the_formants_that_it_was_given(chapter):
    sound = chapter["voice"](100, (500, 1500, 2500), 1.0)  # a harmonic at each formant
    power = np.abs(np.fft.rfft(sound - sound.mean())) ** 2
    for f in (500, 1500, 2500):
        around = power[f - 400 : f + 401]
        assert abs(around.argmax() - 400) <= 110
    # The chapter's synthesizer has the same pulses and two more formants.
    ours = synthesize(100, (500, 1500, 2500), 1.0)
    assert len(ours) == len(sound) + 1 == RATE


def test_the_normalizations_by_hand_are_those_of_the_study(chapter):
    task = data.load("vowels", seed=1003, target="children", heard=3)
    X, y = task.source.X, task.source.y
    Z = np.log(X[:, 1:4])
    means = np.stack([Z[y == v].mean(0) for v in range(10)])
    within = Z - means[y]
    length = chapter["likeliest_length"](means, within.T @ within / len(Z))
    rows = task.target.X
    by_hand = chapter["by_speaker"](rows, length)
    assert np.allclose(by_hand, speech.length_finder(task)(rows))
    assert np.allclose(chapter["by_speaker"](rows, chapter["lobanov"]), speech.lobanov(rows))
    assert np.allclose(ex.one_length(rows), speech.one_length(rows))


def test_the_five_vowels_of_the_exercise():
    found, sure = {}, {}
    for seed in range(8):
        task = data.load("vowels", seed=seed, target="children", heard=5)
        for name, see in (("Lobanov", speech.lobanov), ("one length", speech.one_length)):
            model = LinearDiscriminantAnalysis().fit(see(task.source.X), task.source.y)
            p = model.predict_proba(see(task.target.X))
            sure.setdefault(name, []).append(p.max(axis=1).mean())
            score = task.score(lambda X, model=model, see=see: model.predict(see(X)))
            found.setdefault(name, []).append(score)
    for name, accuracy in ex.FIVE.items():
        assert np.mean(found[name]) == pytest.approx(accuracy, abs=0.01)
    assert np.mean(sure["one length"]) > np.mean(sure["Lobanov"]) + 0.01
    assert ex.q2.judge((0.86, 0.62)).status == "correct"
    assert "too low" in ex.q2.judge((0.70, 0.62)).message


def test_the_fifteen_lines_are_those_of_the_library(chapter):
    task = data.load("cytology", seed=3, **BIASES["prevalence"])
    p = logistic(task.source.X, task.source.y)
    by_hand = chapter["prior_corrected"](p(task.target.X), task.source.y.mean())
    assert np.allclose(by_hand, corrected_probability(task, 3)(task.target.X), atol=0.002)
    rng = np.random.default_rng(0)
    q, y = rng.random(50), rng.integers(0, 2, 50)
    for t in (0.1, 0.3):
        assert chapter["net_benefit"](q, y, t) == pytest.approx(float(trust.net_benefit(q, y, t)))


def test_the_moved_threshold_decides_as_the_corrected_probability():
    p = np.linspace(0.01, 0.99, 99)
    corrected = ex.ODDS * p / (ex.ODDS * p + 1 - p)
    assert np.array_equal(corrected >= 0.3, p >= ex.OLD)


def test_gains_of_a_case_without_the_baseline():
    with pytest.raises(ValueError, match="over: got 'men', want one of a, b of first"):
        gains("x", {"first": {"a": np.ones(3), "b": np.ones(3)}}, over="men")


def own_files(folder: Path) -> dict[str, Path]:
    """Write what a reader might bring: sounds with texts, sentences, pictures."""
    from PIL import Image

    for name, formants in (("one", (300, 870, 2240)), ("two", (660, 1720, 2410))):
        samples = synthesize(120, formants, 0.5, rate=16_000)
        wavfile.write(folder / f"{name}.wav", 16_000, (samples * 32767).astype(np.int16))
    rows = {"file": ["one.wav", "two.wav"], "text": ["who'd", "had"]}
    pd.DataFrame(rows).to_csv(folder / "sounds.csv", index=False)
    (folder / "lines.txt").write_text("One.\n\nTwo of them.\nThree.\n", encoding="utf-8")
    (folder / "pictures").mkdir()
    Image.new("RGB", (40, 30), "red").save(folder / "pictures" / "red.png")
    return {
        "hear": folder / "sounds.csv",
        "new_language": folder / "sounds.csv",
        "speak": folder / "lines.txt",
        "translate": folder / "lines.txt",
        "name_pictures": folder / "pictures",
    }


WRITTEN = {
    "hear": ("listener.pt", 0),
    "new_language": ("characters.txt", 0),
    "speak": ("003.wav", 0),
    "translate": ("translations.csv", 3),
    "name_pictures": ("names.csv", 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITTEN)
def test_the_programs_read_a_readers_own_files(name, tmp_path):
    """With tiny random weights: the shapes and the calls are those of the real ones."""
    own = own_files(tmp_path)[name]
    exec(compile(recipes.script(name, data=str(own), out=str(tmp_path)), name, "exec"), {})
    file, rows = WRITTEN[name]
    assert (tmp_path / file).is_file()
    assert not rows or len(pd.read_csv(tmp_path / file)) == rows


def run(name, **options):
    made = {}
    exec(compile(recipes.script(name, **options), name, "exec"), made)
    return made


@pytest.mark.slow
def test_a_sound_at_another_rate_is_read_and_a_damaged_one_is_named(tmp_path, capsys):
    own = own_files(tmp_path)["hear"]
    wavfile.write(tmp_path / "two.wav", 48_000, np.zeros((24_000, 2), np.int16))
    (tmp_path / "one.wav").write_text("no sound")
    made = run("hear", data=str(own), out=str(tmp_path))
    assert made["texts"] == ["had"] and made["sounds"][0].shape == (8_000,)
    assert "one.wav" in capsys.readouterr().out


@pytest.mark.slow
def test_the_new_language_has_an_output_for_each_character_and_reads_its_lessons(tmp_path, capsys):
    made = run("new_language", out=str(tmp_path))
    assert capsys.readouterr().out.count("衣") == 2  # said and read
    assert made["listener"].lm_head.out_features == 3
    assert not any(
        p.requires_grad for p in made["listener"].wav2vec2.feature_extractor.parameters()
    )
    again = made["Wav2Vec2ForCTC"].from_pretrained(tmp_path)
    assert again.config.vocab_size == 3
    assert (tmp_path / "characters.txt").read_text("utf-8").split() == made["characters"]


SPOILT = {
    "hear": (".csv", "file,text\ngone.wav,hello\n", "no sound that can be read: gone.wav is not"),
    "new_language": (".csv", "path,text\na.wav,hello\n", "sound: got 'file', .* has the columns"),
    "translate": (".txt", " \n\n", "is empty, want a sentence a line"),
    "speak": (".txt", "", "is empty"),
    "name_pictures": (".csv", "no picture", "want a folder with pictures"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_files_are_named(name, tmp_path):
    ending, text, message = SPOILT[name]
    file = tmp_path / f"own{ending}"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=message):
        run(name, data=str(file), out=str(tmp_path))
    with pytest.raises(ValueError, match="nowhere"):
        run(name, data=str(tmp_path / "nowhere"), out=str(tmp_path))


@pytest.mark.slow
def test_pictures_that_cannot_be_read_are_named_and_two_names_are_wanted(tmp_path, capsys):
    own = own_files(tmp_path)["name_pictures"]
    (own / "notes.txt").write_text("no picture")
    made = run("name_pictures", data=str(own), out=str(tmp_path))
    assert list(made["table"].index) == ["red.png"]
    assert "notes.txt: left out" in capsys.readouterr().out
    with pytest.raises(ValueError, match="NAMES: got 'a cat |', want two sentences"):
        run("name_pictures", names="a cat |")
