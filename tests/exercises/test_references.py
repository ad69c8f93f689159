"""The references are right: each agrees with the library or with a way of its own."""

import copy

import numpy as np
import pytest
import torch
from scipy.stats import binom
from sklearn.linear_model import LinearRegression, LogisticRegression
from torch.nn import functional as F

from tlbook import distances, evaluation, relations
from tlbook.course.ch01_why_transfer import exercises as ch01
from tlbook.course.ch02_domains_tasks_shift import exercises as ch02
from tlbook.course.ch04_instances import exercises as ch04
from tlbook.course.ch05_features import exercises as ch05
from tlbook.course.ch07_relations import exercises as ch07
from tlbook.course.ch08_distances import exercises as ch08
from tlbook.course.ch09_objective import exercises as ch09
from tlbook.course.ch09_objective.exact import expected_risk
from tlbook.course.ch09_objective.waves import waves
from tlbook.course.ch10_adversarial import exercises as ch10
from tlbook.course.ch11_alignment import exercises as ch11
from tlbook.course.ch12_keras_practice import exercises as ch12
from tlbook.course.ch12_keras_practice.keras_models.twin import same_padding
from tlbook.course.ch14_text_practice import exercises as ch14
from tlbook.course.ch15_bert_practice import exercises as ch15
from tlbook.course.ch16_choosing import exercises as ch16
from tlbook.course.ch16_choosing import material
from tlbook.features import CORAL
from tlbook.models import wrap
from tlbook.objective import Batch, Objective, TargetLoss
from tlbook.text import tokenizer

rng = np.random.default_rng(0)


@pytest.mark.parametrize("level", [0.05, 0.1, 0.35, 0.6, 0.9])
def test_labels_needed_lies_on_the_curve(level):
    needed = ch01.labels_needed(ch01.BUDGETS, ch01.CURVE, level)
    back = np.interp(np.log2(needed), np.log2(ch01.BUDGETS), ch01.CURVE)
    assert back == pytest.approx(max(level, 0.1))


def test_half_width_is_that_of_the_library():
    better, worse = ch01._two_methods()
    result = evaluation.paired_test(better, worse)
    assert ch01.half_width(better, worse) == pytest.approx((result.high - result.low) / 2)


def test_labels_to_notice_is_enough_and_one_less_is_not():
    def enough(n):
        return any(
            binom.cdf(c - 1, n, 0.9) <= 0.05 and binom.sf(c - 1, n, 0.7) <= 0.05
            for c in range(n + 1)
        )

    n = ch02.labels_to_notice(0.9, 0.7)
    assert enough(n) and not any(enough(smaller) for smaller in range(1, n))


def test_corrected_is_the_posterior_of_the_other_mix():
    density, p, q = rng.random((5, 3)), np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    posterior = density * p / (density * p).sum(1, keepdims=True)
    wanted = density * q / (density * q).sum(1, keepdims=True)
    assert np.allclose(ch02.corrected(posterior, p, q), wanted)


def test_a_weighted_line_is_that_of_scikit_learn():
    x, y, p = ch04._points()
    line = LinearRegression().fit(x[:, None], y, p / (1 - p))
    assert np.allclose(ch04.weighted_line(x, y, p), [line.coef_[0], line.intercept_])


def test_coral_is_that_of_the_library():
    Xs = rng.normal(size=(200, 3)) @ rng.normal(size=(3, 3))
    Xt = rng.normal(size=(200, 3)) @ rng.normal(size=(3, 3)) + 2
    by_hand = ch05.coral(Xs, Xt)
    assert np.allclose(by_hand, CORAL(shrinkage=0.0).fit(Xs, Xt).transform_source(Xs))
    assert np.allclose(np.cov(by_hand.T), np.cov(Xt.T))


def test_the_relation_loss_is_that_of_the_library():
    student, teacher, x = ch07._networks()
    wanted = relations.rkd_distance(student(x), teacher(x))
    assert ch07.relation_loss(student, teacher, x).item() == pytest.approx(wanted.item())


def test_the_a_distance_is_that_of_the_library():
    A, B = ch08._pair(200, 120, 2, 2)
    teller = LogisticRegression(C=1e4, max_iter=1000, class_weight="balanced")
    wanted = distances.proxy_a_distance(A, B, teller)
    assert ch08.distance(A, B) == pytest.approx(wanted, abs=0.1)  # other folds


def test_the_total_is_that_of_the_library():
    Xs, ys, Xt, yt = ch09.ROWS
    objective = Objective(F.cross_entropy, TargetLoss(0.3))
    for net in (torch.nn.Sequential(torch.nn.Identity(), ch09.LINEAR), ch09.NORMALIZED):
        model = wrap(copy.deepcopy(net))  # wrap takes the head out of its network
        want = objective(Batch(model, Xs, ys, labeled_x=Xt, labeled_y=yt))[0] + 0.2
        assert ch09.total(net, Xs, ys, Xt, yt, 0.3, 0.2).item() == pytest.approx(want.item())


def test_the_best_lambda_of_curves_lies_in_its_band():
    grid = np.logspace(-3, 2, 41)
    for seeds in (range(8), range(1000, 1003), range(5000, 5003)):
        cases = [waves(60, 200, 48, seed=s) for s in seeds]
        errors = [
            [sum(expected_risk(w.source, w.target, w.target_truth, 0.5, v, 1e-3)) for v in grid]
            for w in cases
        ]
        assert ch09.q2.judge(grid[np.mean(errors, 0).argmin()]).status == "correct"
    assert ch09.q2.judge(12.24).status == "correct"


def test_the_divergence_is_the_largest_over_all_intervals():
    xs, xt = rng.normal(0, 1, 12), rng.normal(0.2, 2.5, 9)
    ends = np.concatenate([[-np.inf], xs, xt])
    gaps = [
        abs(np.mean((xs > a) & (xs <= b)) - np.mean((xt > a) & (xt <= b)))
        for a in ends
        for b in ends
    ]
    assert ch09.divergence(xs, xt) == pytest.approx(2 * max(gaps))


def test_domain_loss_is_torchs_binary_cross_entropy():
    s, t = (torch.tensor(v) for v in ch10._logits())
    entropy = F.binary_cross_entropy_with_logits
    wanted = (entropy(s, torch.ones(7)) + entropy(t, torch.zeros(5))) / 2
    assert ch10.domain_loss(s.numpy(), t.numpy()) == pytest.approx(wanted.item())


def test_the_radius_is_where_the_steps_lead():
    x, y = 1.0, 0.0
    for _ in range(20):
        x, y = x - 0.3 * y, y + 0.3 * x
    assert ch10.radius(0.3, 20) == pytest.approx(np.hypot(x, y))


def test_mmd_goes_with_the_square_of_the_difference_of_the_class_mix():
    def away(kept):  # from equal shares, with this share of the rows of 0-4
        shares = np.repeat([kept, 1.0], 5)
        return np.linalg.norm(shares / shares.sum() - 0.1)

    assert (away(0.5) / away(0.1)) ** 2 == pytest.approx(ch11.q3.reference, abs=0.005)


def test_same_padding_is_that_of_the_twin():
    for n in range(1, 30):
        for kernel in (1, 2, 3, 5):
            for stride in (1, 2, 3):
                assert ch12.same_padding(n, kernel, stride) == same_padding(n, kernel, stride)


def test_a_tfidf_row_is_that_of_scikit_learn():
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = ["a a a b d d", *["d"] * 10, *["b d"] * 8, "a d"]
    model = TfidfVectorizer(token_pattern=r"\w", sublinear_tf=True).fit(texts)
    found_in = np.array([sum(word in text for text in texts) for word in "abd"])
    row = ch14.tfidf_row(np.array([3, 1, 2]), found_in, len(texts))
    assert np.allclose(row, model.transform(texts[:1]).toarray()[0])


def test_a_collate_function_pads_as_that_of_the_library():
    from transformers import DataCollatorWithPadding

    texts = ["sparse", "the inverse of a matrix", "draw a sample"]
    rows = [{"input_ids": tokenizer()(t)["input_ids"], "labels": i} for i, t in enumerate(texts)]
    batch, wanted = ch15.collate(rows), DataCollatorWithPadding(tokenizer())(rows)
    assert all(np.array_equal(batch[name], wanted[name]) for name in batch)


@pytest.mark.parametrize("spread", [0.5, 0.7, 1.0])
def test_the_blind_estimate_is_near_the_accuracy_that_it_cannot_see(spread):
    sure, right = material.too_sure(spread)
    found = ch16.estimate(*material.too_sure(2), sure)
    assert found == pytest.approx(right.mean(), abs=0.015)
    # A rule of another kind passes, too: one temperature, fitted on the source.
    here, hit = material.too_sure(2)
    odds = [np.log(s / (1 - s))[:, None] for s in (here, sure)]
    fitted = LogisticRegression(fit_intercept=False, C=1e6).fit(odds[0], hit)
    scaled = fitted.predict_proba(odds[1])[:, 1].mean()
    assert scaled == pytest.approx(right.mean(), abs=0.015)
