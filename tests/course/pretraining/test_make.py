"""The shipped weights: how they are written, and what the README says about them."""

import pytest
import torch

from tlbook.course.pretraining import make as pretraining
from tlbook.data.weight_files.shipped import expected_sums, sha256
from tlbook.models import create

pytestmark = pytest.mark.slow


def test_writing_weights_keeps_the_list_of_the_others(tmp_path):
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  other.safetensors\n")
    model = create("signnet", n_classes=5, seed=1)
    path = pretraining.write_weights("signnet", model, tmp_path)
    sums = expected_sums(tmp_path)
    assert sums["signnet.safetensors"] == sha256(path) and "other.safetensors" in sums
    from safetensors.torch import load_file

    again = create("signnet", n_classes=5, seed=2)
    again.load_state_dict(load_file(path))
    x = torch.rand(4, 3, 24, 24)
    assert torch.equal(again.eval()(x), model.eval()(x))


@pytest.mark.parametrize(("name", "limit"), [("signnet", 2_000_000), ("mobilesigns", 3_000_000)])
def test_the_shipped_files_are_small(name, limit):
    assert (pretraining.FOLDER / f"{name}.safetensors").stat().st_size < limit


@pytest.mark.parametrize("name", pretraining.NAMES)
def test_the_readme_shows_the_stored_curve(name):
    assert pretraining.curve_table(name) in pretraining.README.read_text(encoding="utf-8")


def test_a_readme_without_marks_and_an_unknown_network_are_named(tmp_path):
    (tmp_path / "README.md").write_text("nothing here")
    with pytest.raises(ValueError, match="lacks the marks"):
        pretraining.write_curve(tmp_path / "README.md")
    with pytest.raises(ValueError, match="name: got 'resnet'"):
        pretraining.pretrain("resnet")


def test_a_short_pretraining_learns_and_reports_its_curve():
    from tlbook.course.pretraining import signnet_pretraining

    _, curve = signnet_pretraining.pretrain(steps=60, curve_every=30)
    assert list(curve.step) == [30, 60]
    assert curve.loss.iloc[1] < curve.loss.iloc[0]


def test_a_short_pretraining_of_mobilesigns_learns_and_keeps_kerass_momentum():
    from torch import nn

    from tlbook.course.pretraining import mobilesigns_pretraining

    model, curve = mobilesigns_pretraining.pretrain(steps=60, curve_every=30)
    assert curve.loss.iloc[1] < curve.loss.iloc[0]
    assert {m.momentum for m in model.modules() if isinstance(m, nn.BatchNorm2d)} == {1e-3}
