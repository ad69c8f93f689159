"""The recipe ``resnet50`` as a script: split, end, kill and resume, the published weights' path."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tlbook.course.ch13_pytorch_practice.folder import draw_fruit
from tlbook.workshop import recipes

pytestmark = pytest.mark.slow

NO_NETWORK = """
import socket

def connect(self, *args, _old=socket.socket.connect):
    if self.family != socket.AF_UNIX:  # loaders pass pictures through these
        raise OSError("the network is blocked")
    return _old(self, *args)

socket.socket.connect = connect
"""
WORLD = {"apple": 14, "banana": 10, "plum": 10}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Return an environment without a network, with an empty hub cache."""
    place = tmp_path_factory.mktemp("blocked")
    (place / "sitecustomize.py").write_text(NO_NETWORK)
    found = recipes.environment() | {"OMP_NUM_THREADS": "1", "TORCH_HOME": str(place / "hub")}
    return found | {"PYTHONPATH": f"{place}{os.pathsep}{found['PYTHONPATH']}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with its own test part; one training picture is a copy of a test picture."""
    top = tmp_path_factory.mktemp("pictures")
    drawn = draw_fruit(top / "drawn", seed=3, many=WORLD)
    for name in WORLD:
        for file in sorted((drawn / name).iterdir()):
            part = "test" if file.stem in ("000", "001", "002") else "train"
            place = top / "photos" / part / name
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place / file.name)  # the copy of apple 000 goes into the training
    return top / "photos"


def script(out, **options):
    return recipes.write("resnet50", out, **options)


def ran(path, environment):
    """Run a script to its end and return what it printed."""
    done = subprocess.run(
        [sys.executable, str(path)], env=environment, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def undisturbed(folder, environment, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    return out, ran(script(out, data=folder, epochs=2, workers=2), environment)


def test_damaged_files_are_named_and_copies_of_test_pictures_not_trained_on(undisturbed, folder):
    _, said = undisturbed
    assert "left out: broken.png" in said
    trained = sum(int(word) for word in said.splitlines()[1].split()[:1])
    listed = sum(WORLD.values()) - 9  # without the copy and the damaged file
    valid = int(said.splitlines()[1].split("training, ")[1].split()[0])
    assert (trained + valid, "9 test pictures" in said) == (listed, True)
    assert "loaded again, equal answers: True" in said


def test_the_card_answers_for_a_new_picture_in_a_fresh_process(undisturbed, folder, environment):
    out, said = undisturbed
    card = (out / "README.md").read_text()
    assert "95 % interval" in card and "not stated" in card
    first = sorted((folder / "test" / "apple").iterdir())[0]
    shutil.copy(first, out / "new.png")
    program = card.split("```python\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=out, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    name, probability = done.stdout.split()
    answer = next(line for line in said.splitlines() if line.startswith("{"))
    assert f"'{name}': {float(probability)}" in answer


def test_killed_and_run_again_it_ends_like_the_undisturbed_run(
    undisturbed, folder, environment, tmp_path
):
    path = script(tmp_path, data=folder, epochs=2, workers=2)
    process = subprocess.Popen([sys.executable, str(path)], env=environment, stdout=-3, stderr=-3)
    end = time.monotonic() + 200
    while not (tmp_path / "checkpoint.pt").is_file() and time.monotonic() < end:
        time.sleep(0.01)
    process.kill()
    assert process.wait() != 0 and not (tmp_path / "table.csv").exists()
    said = ran(path, environment)
    assert "taken up after epoch" in said and "epoch  1" not in said
    out, _ = undisturbed
    for name in ("table.csv", "model.safetensors"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()
    pd.testing.assert_index_equal(
        pd.read_csv(tmp_path / "table.csv", index_col=0).index,
        pd.Index(["training", "validation", "test"]),
    )


def test_a_folder_of_another_run_is_refused(undisturbed, folder, environment, tmp_path):
    out, _ = undisturbed
    other = shutil.copytree(folder, tmp_path / "photos")
    next((other / "train" / "plum").iterdir()).unlink()
    path = Path(script(tmp_path / "run", data=other, epochs=2))
    shutil.copy(out / "checkpoint.pt", path.parent)
    done = subprocess.run(
        [sys.executable, str(path)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode and "OUT: " in done.stderr and "other pictures" in done.stderr


def test_the_published_weights_are_a_changed_word(environment, tmp_path):
    """A file of torchvision's name and format in the hub's cache is taken, without a network."""
    import torch
    from torchvision.models import ResNet50_Weights, resnet50

    name = ResNet50_Weights.IMAGENET1K_V2.url.rsplit("/", 1)[1]
    cache = Path(environment["TORCH_HOME"]) / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    weights = resnet50(weights=None).state_dict()
    torch.save(weights, cache / name)
    few = draw_fruit(tmp_path / "few", many={"apple": 6, "plum": 6})
    said = ran(script(tmp_path, data=few, weights="imagenet", epochs=0), environment)
    assert "epoch  2 head" in said and "equal answers: True" in said
    trained = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["net"]
    assert torch.equal(trained["layer4.2.conv3.weight"], weights["layer4.2.conv3.weight"].cpu())
    assert "224" in (tmp_path / "model.json").read_text()
