"""The recipe on a file of one's own, through a tiny BERT with a Chinese vocabulary, offline."""

import os
import signal
import subprocess
import sys

import pytest

from tests.course.ch15_bert_practice.tiny_bert import OFFLINE, begun, tiny_bert, written
from tlbook.workshop import recipes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return tiny_bert(tmp_path_factory.mktemp("bert"))


def started(out, file, encoder, **options):
    """Write the script and start it in a process of its own."""
    given = {"text": "评论", "label": "类别", "weights": str(encoder), "epochs": 3, "rate": 3e-3}
    path = recipes.write("bert", out, data=file, **{**given, **options})
    return begun(path)


def said(*args, **options):
    """Run the recipe to its end and return what it printed, and its exit status."""
    process = started(*args, **options)
    text = process.communicate()[0]
    return text, process.returncode


@pytest.fixture(scope="module")
def whole(encoder, tmp_path_factory):
    place = tmp_path_factory.mktemp("whole")
    file = written(place / "own.csv", encoding="gb18030", sep=";")
    text, status = said(place / "run", file, encoder, encoding="gb18030")
    assert status == 0, text
    return place, text


def test_it_ends_with_a_model_a_card_and_a_table(whole):
    place, text = whole
    assert "test balanced accuracy" in text and "Warning" not in text
    made = {path.name for path in (place / "run").iterdir()}
    assert {"model", "adapter", "README.md", "test.csv", "bert.py"} <= made
    card = (place / "run" / "README.md").read_text(encoding="utf-8")
    assert "天气" in card and "temperature" in card


def test_a_fresh_process_gives_the_same_answers(whole):
    run = whole[0] / "run"
    program = f"""
import json, pandas as pd, torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
rows = pd.read_csv("{run / "test.csv"}")
model = AutoModelForSequenceClassification.from_pretrained("{run / "model"}").eval()
tokenizer = AutoTokenizer.from_pretrained("{run / "model"}")
T = json.loads(open("{run / "model" / "temperature.json"}").read())
names = list(model.config.id2label.values())
with torch.inference_mode():
    for text, row in zip(rows.text, rows[names].to_numpy(), strict=True):
        p = (model(**tokenizer(text, return_tensors="pt")).logits[0] / T).softmax(0).numpy()
        assert abs(p - row).max() < 2e-3, (text, p, row)
"""
    subprocess.run([sys.executable, "-c", program], env=os.environ | OFFLINE, check=True)


def test_killed_in_the_middle_it_goes_on_to_the_same_end(whole, encoder, tmp_path):
    place = whole[0]
    process = started(tmp_path / "run", place / "own.csv", encoder, encoding="gb18030")
    epochs = 0
    for line in process.stdout:
        epochs += line.startswith("epoch")
        if epochs == 4:  # two of the head, one of LoRA, and its second begins
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = sorted(path.name for path in (tmp_path / "run").glob("lora/checkpoint-*"))
    assert kept and not (tmp_path / "run" / "model").exists()
    text, status = said(tmp_path / "run", place / "own.csv", encoder, encoding="gb18030")
    assert status == 0, text
    ends = [text.split("loaded again")[1] for text in (text, whole[1])]
    assert ends[0] == ends[1]
    weights = [p / "run" / "model" / "model.safetensors" for p in (tmp_path, place)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_a_second_file_is_the_test_and_its_texts_are_not_learned(encoder, tmp_path):
    file = written(tmp_path / "a.csv")
    target = written(tmp_path / "b.csv", n=30, columns=("satz", "klasse"))  # the first 30 again
    names = {"target": str(target), "target_text": "satz", "target_label": "klasse"}
    text, status = said(tmp_path / "run", file, encoder, epochs=1, method="full", **names)
    assert status == 0, text
    assert "30 texts of the test file left out of DATA" in text
    assert not (tmp_path / "run" / "adapter").exists()


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ({"n": 12}, {}, "want two classes of five texts each"),
        ({}, {"target": {"n": 2}}, "类别: one split alone has ['出行']"),
        ({}, {"method": "half"}, "METHOD: got 'half', want 'lora' or 'full'"),
        ({"encoding": "gb18030"}, {}, "encoding: own.csv is not utf-8"),
        ({"columns": ("satz", "类别")}, {}, "text: got '评论'"),
    ],
)
def test_an_unfit_file_is_named(encoder, tmp_path, rows, options, message):
    if "target" in options:
        options = {"target": str(written(tmp_path / "b.csv", seed=1, **options["target"]))}
    text, status = said(tmp_path / "run", written(tmp_path / "own.csv", **rows), encoder, **options)
    assert status == 1 and message in text.splitlines()[-1], text
