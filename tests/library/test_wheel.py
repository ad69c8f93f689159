"""The library leaves the clone: the wheel, unpacked elsewhere, works without network and extras."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

USE = '''
import importlib.abc, importlib.util, socket, sys

ABSENT = {
    "IPython", "ipykernel", "ipywidgets", "jupyterlab", "keras", "matplotlib", "nbformat",
    "papermill", "peft", "PIL", "requests", "rich", "torchvision", "transformers", "typer",
}

class NotThere(importlib.abc.MetaPathFinder):
    """As in an installation without extras."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def no_network(*arguments):
    raise AssertionError("somebody asked for a network")

found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in ABSENT else found(name, *rest)
sys.meta_path.insert(0, NotThere())
socket.socket.connect = socket.getaddrinfo = no_network

import numpy as np
import torch
import tlbook
from torch.nn.functional import cross_entropy
from tlbook import adversarial, distances, features, instances, models, objective, training

assert "site" in tlbook.__file__, tlbook.__file__
net = models.create("signnet", weights="embedded")
assert net.features(torch.rand(2, 3, 24, 24)).shape == (2, 128)

rng = np.random.default_rng(0)
Xs, Xt = rng.normal(size=(80, 5)), rng.normal(1, 2, size=(60, 5))
ys = (Xs[:, 0] > 0).astype(int)
assert distances.mmd_test(Xs, Xt, permutations=99, seed=0).p_value == 0.01
moved = features.CORAL().fit(Xs, Xt)
assert moved.transform_source(Xs).shape == Xs.shape
assert instances.KMM().fit(Xs, Xt).weights_.shape == (80,)

pictures = rng.random((64, 1, 8, 8), dtype=np.float32)
assert tlbook.data.load("handwriting").X.shape == (1797, 1, 8, 8)
task = tlbook.domains.Task.from_arrays(
    source=(pictures, np.arange(64) % 4),
    target_train=(pictures[::-1].copy(), np.arange(64) % 4),
    target_test=(pictures[::2].copy(), np.arange(32) % 4),
)
model = models.create("digitnet", n_classes=4)
dann = adversarial.DANN(0.1, n_features=64)
training.fit(model, task, objective.Objective(cross_entropy, dann), steps=3, device="cpu")
assert 0 <= task.score(training.predictor(model)) <= 1

for use, message in (
    (lambda: tlbook.plots, "matplotlib is not installed: pip install 'tlbook[plots]'"),
    (lambda: tlbook.data.load("signs"), "pip install 'tlbook[plots]'"),
    (lambda: tlbook.text.tokenizer(), "pip install 'tlbook[text]'"),
    (lambda: models.create("resnet18", n_classes=3), "pip install 'tlbook[vision]'"),
):
    try:
        use()
    except (ImportError, ValueError) as error:
        assert message in str(error) and "\\\\n" not in str(error), error
    else:
        raise AssertionError(message)
assert not ABSENT & set(sys.modules), ABSENT & set(sys.modules)
assert not {m for m in sys.modules if m.startswith(("tlbook.course", "tlbook.workshop"))}
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The wheel of this project, unpacked into a folder of its own."""
    folders = [tmp_path_factory.mktemp(name) for name in ("clone", "built", "site")]
    clone, built, site = folders
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tlbook", clone / "tlbook", ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, clone)
    code = "import sys, setuptools.build_meta as build; build.build_wheel(sys.argv.pop())"
    command = [sys.executable, "-c", code, str(built)]
    subprocess.run(command, cwd=clone, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


@pytest.mark.slow
def test_the_unpacked_wheel_works_alone(site, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(site), "TLBOOK_CACHE": str(tmp_path / "cache")}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # the next test asks what the wheel itself holds
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", USE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_wheel_holds_the_weights_and_no_bytecode(site):
    weights = {path.name for path in (site / "tlbook" / "data" / "weight_files").iterdir()}
    assert {"SHA256SUMS", "signnet.safetensors"} <= weights
    assert not list(site.rglob("__pycache__")) and not (site / "tests").exists()
    metadata = next(site.glob("*.dist-info")).joinpath("METADATA").read_text(encoding="utf-8")
    core = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    core = {line.split()[1].split(">")[0].lower() for line in core if "extra ==" not in line}
    assert core >= {"numpy", "scipy", "scikit-learn", "torch", "safetensors", "joblib"}
    assert len(core) <= 12 and not core & {"keras", "jupyterlab", "ipywidgets", "matplotlib"}
