"""The sharded form of the recipe: two processes, killed, one goes on; the same end as one alone."""

import json
import re
import sys

import pytest
from safetensors.torch import load_file

from tests.course.ch15_bert_practice.tiny_bert import begun, tiny_bert, written
from tlbook.training import ShardedCheckpoints
from tlbook.workshop import recipes

GIVEN = {"text": "评论", "label": "类别", "epochs": 4, "rate": 5e-3, "device": "cpu"}
EPOCH = re.compile(r"^epoch (\d): loss ([\d.]+)", re.M)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file of texts, and an encoder without dropout, which would differ between processes."""
    place = tmp_path_factory.mktemp("files")
    return {"data": str(written(place / "own.csv")), "weights": str(tiny_bert(place, dropout=0))}


ACCELERATE = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
ACCELERATE += ["--num_processes", "2", "--main_process_port", "0"]


def started(out, files, processes, runner=None, **options):
    path = recipes.write("bert", out, sharded=True, **{**GIVEN, **files, **options})
    return begun(path, processes, runner)


def said(*args, **options):
    process = started(*args, **options)
    text = process.communicate(timeout=300)[0]
    assert process.returncode == 0, text
    return text


def losses(run):
    return json.loads((run / "sharded-losses.json").read_text())


def same_model(one, other):
    weights = [load_file(run / "model" / "model.safetensors") for run in (one, other)]
    gaps = [float((weights[0][k] - weights[1][k]).abs().max()) for k in weights[0]]
    return weights[0].keys() == weights[1].keys() and max(gaps) < 1e-4


@pytest.mark.slow
def test_two_processes_are_killed_and_one_goes_on_to_the_end_of_one_alone(files, tmp_path):
    alone, stopped = tmp_path / "alone", tmp_path / "stopped"
    text = said(alone, files, 1, method="full")
    assert len(EPOCH.findall(text)) == 4 and "test balanced accuracy" in text
    process = started(stopped, files, 2, method="full")
    for line in process.stdout:
        if line.startswith("epoch 2"):
            break
    process.terminate()  # the launcher ends both at once
    process.communicate(timeout=60)
    place = stopped / "sharded"
    kept = ShardedCheckpoints(place).steps()
    # Two processes wrote two files: none had the whole.
    assert len(list((place / f"step-{kept[-1]:08d}").glob("*.distcp"))) == 2
    assert not (stopped / "model").exists()
    again = said(stopped, files, 1, method="full")
    assert EPOCH.findall(again)[0][0] == str(len(kept) + 1)
    assert losses(stopped) == pytest.approx(losses(alone), abs=1e-4)
    assert losses(alone)[-1] < losses(alone)[0] - 0.1, "it learns"
    assert same_model(alone, stopped)


@pytest.mark.slow
def test_the_first_of_two_processes_ends_with_model_and_card(files, tmp_path):
    """Started by accelerate; the other test starts them by torchrun."""
    text = said(tmp_path, files, 2, ACCELERATE, epochs=1)
    assert text.count("the network is shared among 2 process(es)") == 1
    assert text.count("epoch 1") == 1, "one of them speaks"
    made = {path.name for path in tmp_path.iterdir()}
    assert {"model", "adapter", "README.md", "test.csv", "bert_sharded.py"} <= made


def test_the_script_has_the_cells_of_the_notebook_around_its_own():
    plain, text = recipes.script("bert"), recipes.script("bert", sharded=True)
    compile(text, "bert_sharded.py", "exec")
    assert "fully_shard(" in text and "TrainingArguments(\n" not in text
    kept = [cell for cell in recipes.find("bert").cells if "trainer_of" not in cell]
    assert len(kept) == 5 and all(cell in text and cell in plain for cell in kept)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 88
    with pytest.raises(ValueError, match="sharded: got the recipe resnet50, .*: bert"):
        recipes.script("resnet50", sharded=True)
