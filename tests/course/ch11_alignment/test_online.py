"""MNIST → USPS end to end with the methods of chapter 11, from files of the right format.

The files hold printed digits (as MNIST) and real handwritten ones (as USPS), so that there is a gap
to close; no accuracy is asserted, only that everything learns what it is there to learn.
"""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.library.data.online import online_cases as cases
from tlbook import data
from tlbook.adversarial import DANN
from tlbook.alignment import MMD
from tlbook.course.ch11_alignment.methods import METHODS
from tlbook.course.ch11_alignment.settings import SETTINGS
from tlbook.data.fonts_to_handwriting import font_digits
from tlbook.data.handwriting import handwriting_arrays
from tlbook.data.online import answers
from tlbook.data.online.digit_files import to_shape
from tlbook.models import create
from tlbook.objective import Batch, Objective, Ramp
from tlbook.training import fit, predictor

pytestmark = pytest.mark.slow

TOLD_APART = "the discriminator tells the domains apart at some time: its loss is below log 2"


@pytest.fixture(autouse=True)
def files(temporary_cache, monkeypatch):
    monkeypatch.delenv("TLBOOK_DATA", raising=False)
    printed, labels = font_digits(500, 0)
    printed = to_shape(np.rint(printed * (255 / 16)).astype(np.uint8), 20, 1)[:, 0]
    printed = np.pad(printed, ((0, 0), (4, 4), (4, 4)))  # MNIST keeps a margin of four pixels
    written, digits = handwriting_arrays()
    written = to_shape(np.rint(written * 255).astype(np.uint8), 16, 1)[:, 0]
    halves = [slice(0, 450), slice(450, 500)]
    contents = cases.mnist_files(*((printed[half], labels[half]) for half in halves))
    cases.place(monkeypatch, "mnist", contents)
    halves = [slice(0, 500), slice(500, 800)]
    contents = cases.usps_files(*((written[half], digits[half]) for half in halves))
    cases.place(monkeypatch, "usps", contents)
    monkeypatch.setattr(answers, "first_answer", None)  # a download would be an error


def gap(model, task):
    """Return the squared MMD of the features on rows that the source was not trained on."""
    with torch.no_grad():
        batch = Batch(
            model.eval(),
            source_x=torch.as_tensor(task.validation.X),
            target_x=torch.as_tensor(task.target.X),
        )
        return float(MMD(1.0)(batch))


def falls(column, to=0.5):
    return column[-5:].mean() < to * column[:5].mean()


def test_the_methods_of_chapter_11_run_at_their_settings():
    task = data.load("mnist-to-usps", size=8, seed=100)
    assert task.source.X.shape == (360, 1, 8, 8) and len(task.target.X) == 500
    runs = {
        name: METHODS[name](task, 100, steps=120, device="cpu", **SETTINGS[name])
        for name in ("source only", "MK-MMD", "DANN")
    }
    for run in runs.values():
        assert falls(run.history.columns["L_S"])
        assert all(np.isfinite(column).all() for column in run.history.columns.values())
    assert gap(runs["MK-MMD"].model, task) < gap(runs["source only"].model, task)
    assert runs["DANN"].history.columns["DANN"].min() < math.log(2) - 0.05, TOLD_APART
    assert task.looks == 0, "nobody has asked for a target label"
    report = task.report(runs["MK-MMD"])
    assert report.accuracy > 0.2, "above chance; ten classes"
    assert report.confusion.sum() == 300


def test_a_network_for_the_full_size_adapts_too():
    task = data.load("mnist-to-usps", seed=100)
    assert task.source.X.shape[1:] == (1, 28, 28)
    dann = DANN(Ramp(0.3), n_features=100, discriminator_steps=3, seed=1)
    before = [p.clone() for p in dann.discriminator.parameters()]
    trained = {}
    for name, terms in {"source": (), "MMD": (MMD(Ramp(3.0)),), "DANN": (dann,)}.items():
        model = create("lenet", seed=100)
        history = fit(
            model,
            task,
            Objective(cross_entropy, *terms),
            steps=40,
            batch_size=32,
            optimizer="adam",
            seed=100,
            device="cpu",
            progress=False,
        )
        assert falls(history.columns["L_S"])
        trained[name] = model, history
    assert falls(trained["MMD"][1].columns["MMD"], 0.8)
    assert gap(trained["MMD"][0], task) < gap(trained["source"][0], task)
    assert any(
        not torch.equal(a, b) for a, b in zip(before, dann.discriminator.parameters(), strict=True)
    )
    domains = trained["DANN"][1].columns["DANN"]
    assert domains.min() < math.log(2) - 0.05, TOLD_APART
    x = torch.as_tensor(task.target.X[:50])
    with torch.no_grad():
        assert not torch.allclose(trained["DANN"][0](x), trained["source"][0](x), atol=1e-3)
    assert 0 <= task.score(predictor(trained["DANN"][0])) <= 1
