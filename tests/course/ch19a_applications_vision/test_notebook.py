"""What the notebook prints without running it: the listings with real weights, and exercise 4."""

import re

import numpy as np
import pytest
import torch

from tlbook.course.ch19a_applications_vision import exercises as ex
from tlbook.course.ch19a_applications_vision.segmentation import (
    N_TEST,
    N_UNLABELED,
    iou_of,
    roads,
    segment,
)
from tlbook.course.chapters import find
from tlbook.training import predict
from tlbook.workshop.contract import Chapter

TINY = {  # in place of weights="DEFAULT", which would be downloaded
    "fasterrcnn": "weights=None, weights_backbone=None, min_size=64, max_size=96",
    "lraspp": "weights=None, weights_backbone=None, num_classes=21",
    "resnet18": "weights=None",
}


def listing(name):
    text = "\n".join(cell.source for cell in Chapter.read(find("19a").path).markdown)
    (found,) = [code for code in re.findall(r"```python\n(.*?)```", text, re.S) if name in code]
    assert found.count('weights="DEFAULT"') == 1
    return found.replace('weights="DEFAULT"', TINY[name])


def run(name, **given):
    torch.manual_seed(0)
    exec(compile(listing(name), f"<{name}>", "exec"), given)
    return given


@pytest.mark.slow
def test_the_detector_learns_its_head_and_answers_with_boxes():
    boxes = {"boxes": torch.tensor([[5.0, 5, 30, 40]]), "labels": torch.tensor([3])}
    images = [torch.rand(3, 64, 80), torch.rand(3, 70, 64)]
    made = run("fasterrcnn", loader=[(images, [boxes, boxes])])
    assert torch.isfinite(made["loss"])
    assert [set(answer) for answer in made["found"]] == [{"boxes", "labels", "scores"}] * 2
    trained = {n for n, p in made["net"].named_parameters() if p.requires_grad}
    assert trained and not any(name.startswith("backbone") for name in trained)


@pytest.mark.slow
def test_the_segmentation_network_has_nineteen_classes():
    x, y = torch.rand(2, 3, 64, 64), torch.randint(0, 19, (2, 64, 64))
    y[:, :8] = 255  # no label
    made = run("lraspp", loader=[(x, y)])
    assert torch.isfinite(made["loss"]) and made["masks"].shape == (2, 64, 64)
    assert made["net"](x)["out"].shape[1] == 19


@pytest.mark.slow
def test_the_copied_driver_asks_for_more_pictures_each_round():
    lesson = [(torch.rand(3, 64, 64), 1.5)] * 3
    made = run(
        "resnet18", demonstrations=lesson, drive_and_ask=lambda net: [(torch.rand(3, 64, 64), -0.5)]
    )
    assert len(made["pool"]) == 3 + 5 and torch.isfinite(made["loss"])


@pytest.mark.slow
def test_one_factor_for_the_whole_night_is_what_exercise_4_says():
    ratios, ious = [], []
    for seed in range(3):
        day, night = roads("day", seed), roads("night", seed, n=N_UNLABELED)
        factor = float(night.X.mean() / day.X.mean())

        def darkened(x, generator, factor=factor):
            return (factor * x + 0.04 * torch.randn(x.shape, generator=generator)).clamp(0, 1)

        test = roads("night", seed, "test", N_TEST)
        answers = predict(segment(day, seed, augment=darkened), test.X)
        ratios.append(factor)
        ious.append(iou_of(answers, test)["road"])
    assert ex.q4.judge((np.mean(ratios), np.mean(ious))).status == "correct"
    assert np.mean(ratios) == pytest.approx(ex.RATIO, abs=0.01)
    assert np.mean(ious) == pytest.approx(ex.ROAD, abs=0.1)
