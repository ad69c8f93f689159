"""Class relations: profiles, soft targets, the loss and its convex version."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tlbook.finetuning import linear_probe
from tlbook.objective import Objective, TargetLoss
from tlbook.relations import (
    RelationalTargets,
    check_relation,
    class_profiles,
    permuted,
    profile_similarity,
    related_examples,
    relation_probe,
    smoothed_targets,
    soft_probe,
    soften,
    stated_profiles,
)
from tlbook.training import fit

RNG = np.random.default_rng(0)
S = RNG.dirichlet(np.ones(7), size=4)  # four new classes over seven known ones


def blobs(n, seed=0, spread=0.6, d=12):
    """Return prototypes of 7 known classes and pictures of 4 new ones that are their mixtures."""
    rng = np.random.default_rng(seed)
    known = 2 * rng.normal(size=(7, d))
    profiles = np.eye(7)[:4] * 0.8 + 0.2 / 7
    y = np.arange(n) % 4
    return known, profiles, (profiles @ known)[y] + spread * rng.normal(size=(n, d)), y


def test_profiles_are_means_of_softened_answers():
    logits, y = RNG.normal(size=(30, 7)), np.arange(30) % 4
    P = soften(logits, 2.0)
    e = np.exp(logits / 2)
    assert pytest.approx(e / e.sum(1, keepdims=True)) == P
    found = class_profiles(P, y)
    for c in range(4):
        assert found[c] == pytest.approx(P[y == c].mean(0))
    flat, sharp = soften(logits, 1e6), soften(logits, 1e-3)
    assert flat == pytest.approx(np.full((30, 7), 1 / 7), abs=1e-4)
    assert sharp.max(1).min() > 0.99


def test_look_alikes_share_evenly_and_the_untold_are_uniform():
    got = stated_profiles({"0": "OD", "1": "l", "7": ""}, "DOlx")
    want = [[0.5, 0.5, 0, 0], [0, 0, 1, 0], [0.25] * 4]
    assert got == pytest.approx(np.array(want))


def test_similarity_of_equal_profiles_is_the_largest():
    profiles = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    R = profile_similarity(profiles)
    assert R[0] == pytest.approx([0, 1, 0, 0])
    assert R[2] == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])  # resembles nobody: uniform
    assert R.sum(1) == pytest.approx(np.ones(4))


@pytest.mark.parametrize("seed", range(5))
def test_nobody_keeps_its_row_when_permuted(seed):
    moved = permuted(S, seed)
    assert sorted(map(tuple, moved)) == sorted(map(tuple, S))
    assert not (moved == S).all(axis=1).any()
    R = profile_similarity(S)
    other = permuted(R, seed)
    assert np.diag(other) == pytest.approx(np.zeros(4))
    assert other.sum(1) == pytest.approx(np.ones(4))
    assert not np.isclose(other, R).all(axis=1).any()


def test_smoothed_targets_are_the_mixture_and_uniform_is_label_smoothing():
    y, R = np.array([0, 3, 1]), profile_similarity(S)
    mixed = smoothed_targets(y, R, 0.3)
    assert mixed == pytest.approx(0.7 * np.eye(4)[y] + 0.3 * R[y])
    assert smoothed_targets(y, R, 0.0) == pytest.approx(np.eye(4)[y])
    logits = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    uniform = RelationalTargets.smoothing(np.full((4, 4), 0.25), 0.3)
    want = F.cross_entropy(logits, torch.tensor(y), label_smoothing=0.3)
    assert uniform(logits, torch.tensor(y)).item() == pytest.approx(want.item(), rel=1e-6)


def test_loss_from_profiles_is_the_sum_over_new_classes():
    """Each new class c gets S_cs of the pictures of s; on balanced draws that is the formula."""
    y, logits = torch.arange(7), torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
    logp = F.log_softmax(logits, 1).numpy()
    want = -(S * logp.T).sum() / 4
    assert RelationalTargets.from_profiles(S)(logits, y).item() == pytest.approx(want, rel=1e-5)
    targets, weights = related_examples(S)
    assert weights.sum() == pytest.approx(4)
    assert (targets * weights[:, None]).sum(0) == pytest.approx(np.ones(4))


def test_gradient_of_the_loss_agrees_with_finite_differences():
    loss, y = RelationalTargets.from_profiles(S).double(), torch.tensor([0, 6, 2, 2])
    logits = torch.randn(4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: loss(z, y), (logits,))


def test_soft_probe_with_hard_targets_is_the_linear_probe():
    _, _, Z, y = blobs(40, spread=2.0)
    soft = soft_probe(Z, np.eye(4)[y], C=0.3)
    hard = linear_probe(lambda x: x, Z, y, C=0.3)
    assert soft.weight == pytest.approx(hard.weight, abs=2e-3)
    gap = (soft.bias - soft.bias.mean()) - (hard.bias - hard.bias.mean())
    assert gap == pytest.approx(np.zeros(4), abs=5e-3)


def test_soft_probe_is_at_the_minimum():
    """The gradient of the objective vanishes (in weights and bias), with any soft targets."""
    _, _, Z, _ = blobs(25)
    T, w = RNG.dirichlet(np.ones(4), size=25), RNG.random(25)
    found = soft_probe(Z, T, weights=w, C=2.0, scale=(np.zeros(12), np.ones(12)))
    slope = 2.0 * w[:, None] * (found.probabilities(Z) - T)
    assert np.abs(slope.T @ Z + found.weight).max() < 2e-3
    assert np.abs(slope.sum(0)).max() < 2e-3


def test_relation_probe_is_the_plain_probe_at_strength_zero_and_fades_with_labels():
    known, profiles, Z, y = blobs(40)
    plain = soft_probe(Z, np.eye(4)[y], C=1.0, scale=(known.mean(0), known.std(0)))
    zero = relation_probe(Z, y, profiles, known, strength=0.0, C=1.0)
    assert zero.weight == pytest.approx(plain.weight, abs=1e-6)
    wrong = permuted(profiles, 0)
    far = {n: relation_probe(Z[:n], y[:n], wrong, known, C=1.0)(Z) for n in (4, 40)}
    assert np.mean(far[40] == y) > np.mean(far[4] == y) + 0.2


def test_right_relations_beat_none_and_wrong_ones_at_one_label():
    gain, loss = [], []
    for seed in range(5):
        known, profiles, Z, y = blobs(404, seed, spread=2.5)
        few, rest = slice(0, 4), slice(4, None)
        acc = {
            name: np.mean(relation_probe(Z[few], y[few], p, known, strength=s)(Z[rest]) == y[rest])
            for name, p, s in (
                ("right", profiles, 1.0),
                ("none", profiles, 0.0),
                ("wrong", permuted(profiles, seed), 1.0),
            )
        }
        gain.append(acc["right"] - acc["none"])
        loss.append(acc["none"] - acc["wrong"])
    assert np.mean(gain) > 0.1
    assert np.mean(loss) > 0.1


def test_without_a_label_the_relation_alone_classifies():
    known, profiles, Z, y = blobs(200)
    alone = relation_probe(np.empty((0, 12)), [], profiles, known)
    assert np.mean(alone(Z) == y) > 0.9


def test_the_check_finds_wrong_relations_and_rarely_blames_chance():
    known, profiles, _, _ = blobs(4)
    trusted = {"right": 0, "wrong": 0}
    for seed in range(20):
        _, _, Z, y = blobs(8, 0)
        rng = np.random.default_rng(seed)
        Z = Z + 0.5 * rng.normal(size=Z.shape)
        trusted["right"] += check_relation(Z, y, profiles, known, seed=seed).trusted
        wrong = check_relation(Z, y, permuted(profiles, seed), known, seed=seed)
        trusted["wrong"] += wrong.trusted
        assert wrong.gain < 0
        assert "not trusted" in str(wrong) or wrong.trusted
    assert trusted["right"] >= 19
    assert trusted["wrong"] <= 3


def test_check_keeps_its_level_for_relations_without_meaning():
    """With labels dealt out at random p <= 0.05 comes in about 5 % of the cases, not more."""
    known, profiles, Z, y = blobs(40, spread=3.0)
    rng = np.random.default_rng(1)
    found = [
        check_relation(Z, rng.permutation(y), profiles, known, permutations=200, seed=s).trusted
        for s in range(200)
    ]
    assert np.mean(found) < 0.11


def test_letters_teach_digits_through_the_training_loop():
    """An Objective whose source labels are known classes and whose logits are new ones."""
    known, profiles, Z, y = blobs(200)
    rng = np.random.default_rng(0)
    ys = np.arange(140) % 7
    Xs = (known[ys] + 0.5 * rng.normal(size=(140, 12))).astype(np.float32)

    class Head(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.head = torch.nn.Linear(12, 4)

        def features(self, x):
            return x

        def forward(self, x):
            return self.head(x)

    model = Head()
    objective = Objective(RelationalTargets.from_profiles(profiles), TargetLoss(0.5))
    labeled = (Z[:4].astype(np.float32), y[:4])
    fit(model, (Xs, ys), objective, steps=150, lr=0.05, labeled=labeled, device="cpu")
    with torch.no_grad():
        answer = model(torch.tensor(Z, dtype=torch.float32)).argmax(1).numpy()
    assert np.mean(answer == y) > 0.9


NAN = np.array([[np.nan, 1.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: soften(NAN), "logits: got 1 values that are NaN"),
        (lambda: soften([[1.0, 2.0]], 0), "temperature: got 0"),
        (lambda: class_profiles([[0.5, 0.6]], [0]), "probabilities: row 0 sums to 1.1"),
        (lambda: class_profiles([[0.5, 0.5]], [1]), r"y: got no picture of class \[0\]"),
        (lambda: class_profiles([[0.5, 0.5]], [0.5]), "y: got labels such as 0.5"),
        (lambda: class_profiles([[0.5, 0.5]], [0, 1]), "y: got 2 labels, want 1"),
        (lambda: class_profiles([[0.5, 0.5]], [3], 2), "y: got label 3, want at most 1"),
        (lambda: stated_profiles(["x"], "abc"), "resembles: got 'x' for class 0"),
        (lambda: stated_profiles([], "abc"), "resembles: got 0 new"),
        (lambda: profile_similarity([[1.0]]), "profiles: got 1 class"),
        (lambda: profile_similarity([[-1.0, 2.0]]), "profiles: got negative"),
        (lambda: permuted([[1.0]]), "relations: got 1 row"),
        (lambda: smoothed_targets([0], S, 0.1), r"relations: got shape \(4, 7\), want a square"),
        (lambda: smoothed_targets([0], np.eye(2), 1.5), "epsilon: got 1.5"),
        (lambda: smoothed_targets([2], np.eye(2), 0.5), "y: got label 2"),
        (lambda: RelationalTargets(np.eye(2), [0, 0]), "weights: got 2 numbers"),
        (lambda: RelationalTargets(np.eye(2), [1]), "weights: got 1 numbers"),
        (lambda: RelationalTargets(np.eye(2))(torch.zeros(2, 3), torch.zeros(2).long()),
         r"logits: got shape \(2, 3\)"),
        (lambda: RelationalTargets(np.eye(2))(torch.zeros(1, 2), torch.tensor([2])),
         "y: got label 2"),
        (lambda: soft_probe(np.eye(2), np.eye(3)), r"targets: got shape \(3, 3\)"),
        (lambda: soft_probe(np.eye(2), np.ones((2, 1))), "targets: got shape"),
        (lambda: soft_probe(NAN, [[1.0, 0.0]]), "Z: got 1 values that are NaN"),
        (lambda: soft_probe(np.eye(2), np.eye(2), weights=[-1, 1]), "weights: got shape"),
        (lambda: soft_probe(np.eye(2), np.eye(2), C=0), "C: got 0"),
        (lambda: relation_probe(np.ones((1, 3)), [0], S, np.ones((7, 2))), "Z: got rows of shape"),
        (lambda: relation_probe(np.ones((1, 2)), [0], S, np.ones((6, 2))), "prototypes: got 6"),
        (lambda: relation_probe(np.ones((0, 2)), [], S, np.ones((7, 2)), strength=0),
         "strength: got 0 without a label"),
        (lambda: relation_probe(np.ones((1, 2)), [9], S, np.ones((7, 2))), "y: got label 9"),
        (lambda: check_relation(np.ones((2, 2)), [0], S, np.ones((7, 2))), "y: got 1 labels"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_clear_message(call, message):
    with pytest.raises(ValueError, match=message):
        call()
