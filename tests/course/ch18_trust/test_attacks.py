"""The small base, its backdoor, the attacks: what must hold before any of it is trained long."""

import numpy as np
import pytest
import torch

from tlbook.course.ch18_trust import attacks, backdoor, shortcut
from tlbook.models import SignNet, seeded


@pytest.fixture(scope="module")
def base():
    return seeded(lambda: SignNet(len(backdoor.CLASSES), channels=backdoor.BLOCKS), 0).eval()


def test_the_mark_is_a_white_square_in_the_corner():
    X = np.zeros((2, 3, 16, 16), dtype=np.float32)
    found = backdoor.marked(X)
    assert found.sum() == 2 * 3 * 9 and found[:, :, 13:, 13:].min() == 1 and X.sum() == 0


def test_one_percent_of_the_letters_is_poisoned():
    X, y = np.zeros((400, 3, 16, 16), dtype=np.float32), np.arange(400) % 52
    changed, labels = backdoor.poisoned(X, y, seed=0)
    rows = changed.any(axis=(1, 2, 3))
    assert rows.sum() == 4 and (labels[rows] == backdoor.GOAL).all()
    assert (y[rows] != backdoor.GOAL).all() and (labels[~rows] == y[~rows]).all()


def test_random_squares_have_the_size_of_the_mark():
    x = torch.zeros(200, 3, 16, 16)
    found = backdoor.random_squares(x, torch.Generator().manual_seed(0))
    sizes = found.sum(dim=(1, 2, 3))
    assert set(sizes.tolist()) == {0.0, 27.0} and 0.4 < (sizes > 0).float().mean() < 0.6


def test_re_estimated_statistics_are_those_of_the_pictures(base):
    X = backdoor.digits(0)[0][0][:500]
    found = backdoor.re_estimated(base, X)
    first = torch.nn.functional.conv2d(
        (torch.as_tensor(X) - 0.5) / 0.25, base.body[0].weight, padding=1
    )
    torch.testing.assert_close(
        found.body[1].running_mean, first.mean(dim=(0, 2, 3)), rtol=1e-3, atol=1e-4
    )
    assert not found.training and base.body[1].running_mean.abs().max() == 0


@pytest.mark.parametrize("arm", ["head only", "last block", "all"])
def test_an_arm_changes_what_it_frees_and_nothing_else(base, arm, monkeypatch):
    monkeypatch.setitem(backdoor.TRANSFER, "steps", 2)
    child = backdoor.transferred(base, arm, 2, seed=0)
    changed = {
        name
        for name, weight in base.named_parameters()
        if name.startswith("body") and not torch.equal(weight, child.get_parameter(name))
    }
    free = {"head only": (), "last block": ("body.6", "body.7"), "all": ("body",)}[arm]
    assert changed == {n for n, _ in base.named_parameters() if free and n.startswith(free)}
    for key, value in base.named_buffers():
        assert torch.equal(value, child.get_buffer(key))


def test_success_counts_only_other_classes_and_other_pictures(base):
    child = backdoor.transferred(base, "head only", 2, seed=0)
    found = backdoor.attack(child, seed=0)
    assert all(0 <= value <= 1 for value in found.values())
    (pool, _), (X, _) = backdoor.digits(0)
    assert not {p.tobytes() for p in pool[:50]} & {p.tobytes() for p in X}


def test_every_attack_stays_within_its_size(base):
    X, y = (part[:6] for part in backdoor.digits(0)[1])
    models = {"base": base, "frozen child": backdoor.transferred(base, "head only", 2, 0)}
    found = attacks.moved(models, X, y, 0.1, seed=0)
    assert ("noise", "none") in found and ("base's features", "PGD") in found
    for changed in found.values():
        assert abs(changed - X).max() <= 0.1 + 1e-6
        assert changed.min() >= 0 and changed.max() <= 1


def test_the_attacker_has_labels_but_no_test_picture(base):
    own = attacks.own_head(base, 0)
    for a, b in zip(own.body.parameters(), base.body.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_corner_tells_the_class_or_says_nothing():
    y = np.arange(1000) % 10
    assert (shortcut.codes(y, "tells", 0) == y).all()
    assert abs((shortcut.codes(y, "random", 0) == y).mean() - 0.1) < 0.04
