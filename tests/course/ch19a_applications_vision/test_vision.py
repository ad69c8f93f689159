"""Detection and segmentation of chapter 19: what the arms share, and what they may not touch."""

import numpy as np
import pytest
import torch

from tlbook import models
from tlbook.course.ch19a_applications_vision import detection, segmentation
from tlbook.course.ch19a_applications_vision.detection import ap50, detector, scenes
from tlbook.course.ch19a_applications_vision.detection_settings import CHOSEN, STEPS, TRIED
from tlbook.course.results import stored
from tlbook.domains import Boxes, Scenes


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def test_what_was_chosen_was_best_of_what_was_tried():
    frame = stored.load("detection_tuning")
    mean = frame.groupby(["arm", "settings"]).ap50.mean()
    for arm, settings in CHOSEN.items():
        assert settings in TRIED[arm]
        said = ", ".join(f"{k}={v}" for k, v in settings.items())
        assert mean[arm].idxmax() == said
    assert set(frame.seed) == {1000, 1001} and 100 in STEPS


@pytest.mark.parametrize("arm", detection.ARMS)
def test_what_happens_to_the_backbone(arm, monkeypatch):
    made = []
    create = models.create
    monkeypatch.setattr(models, "create", lambda *a, **k: made.append(create(*a, **k)) or made[0])
    detector(scenes(8, 1000), 0, arm=arm, steps=2, **CHOSEN[arm])
    start = None if arm == "scratch" else "embedded"
    shipped, now = create("signnet", weights=start, seed=0).state_dict(), made[0].state_dict()
    moved = {k for k in shipped if k.startswith("body") and not torch.equal(shipped[k], now[k])}
    if arm == "frozen":
        assert not moved
    else:
        assert "body.0.weight" in moved
        assert "body.1.running_mean" in moved


def test_ap50_of_the_truth_is_one():
    test = scenes(12, 1000, "test")
    perfect = [Boxes(b.corners, b.labels, np.ones(len(b))) for b in test.boxes]
    assert ap50(lambda X: perfect, test) == 1
    assert max(len(b) for b in test.boxes) == detection.MOST


def small(weather="day", n=12):
    return segmentation.roads(weather, 1000, n=n)


def test_self_training_looks_at_no_mask_of_the_target(monkeypatch):
    day, fog = small(), small("fog")
    net = segmentation.network(0).eval()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    student = segmentation.self_trained(net, day, fog.X, 0, rounds=1, steps=2, sure=0.5)
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert not torch.equal(student.head.weight, net.head.weight)


def test_sure_labels():
    class Fixed(torch.nn.Module):
        def forward(self, x):
            logits = torch.zeros(len(x), 4, 2, 2)
            logits[:, 1, 0, 0], logits[:, 2, 0, 1] = 9.0, 1.0
            return logits

    labels = segmentation.sure_labels(Fixed(), np.zeros((1, 3, 2, 2), np.float32), 0.9)
    assert labels.tolist() == [[[1, -100], [-100, -100]]]


def test_simulated_weather_keeps_pictures_pictures():
    day = torch.tensor(small(n=60).X)
    new = segmentation.simulated_weather(day, torch.Generator().manual_seed(0))
    assert new.shape == day.shape and new.min() >= 0 and new.max() <= 1
    same = (new == day).flatten(1).all(dim=1).float().mean().item()
    assert 0.15 < same < 0.55
    assert (new.mean(dim=(1, 2, 3)) < 0.6 * day.mean(dim=(1, 2, 3))).any()


def test_two_heads_share_one_trunk():
    day = small()
    options = segmentation.options
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmentation, "options", lambda seed: options(seed, steps=2))
        net, second = segmentation.segment_and_steer(day, 0)
        alone = segmentation.steer(day, 0)
    assert second.trunk is net
    for each in (second, alone):
        assert np.isfinite(segmentation.steering_error(each, day))


def test_scores_of_the_truth():
    day = small()
    assert segmentation.iou_of(day.masks, day) == {"miou": 1.0, "road": 1.0, "marking": 1.0}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"arm": "probe", "lr": 0.1, "steps": 1}, "arm: got 'probe', want one of 'frozen'"),
        ({"arm": "frozen", "lr": 0.1, "steps": 0}, "steps: got 0"),
    ],
)
def test_bad_input(options, message):
    train = scenes(4, 1000)
    with pytest.raises(ValueError, match=message):
        detector(train, 0, **options)
    bare = Scenes("bare", train.X, classes=train.classes)
    with pytest.raises(ValueError, match="train: got scenes without boxes"):
        detector(bare, 0, arm="frozen", lr=0.1, steps=1)
