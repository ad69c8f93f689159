"""The battery finds each planted fault by its own check, and none in healthy trainings."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.library.diagnosis import setups
from tests.library.diagnosis.setups import HEALTHY, changed, labels
from tlbook.diagnosis.battery import CHECKS, checkup


def faults(setup):
    return {finding.check: finding.said for finding in checkup(setup) if finding.state == "fault"}


def states(setup):
    return {finding.check: finding.state for finding in checkup(setup)}


@pytest.mark.parametrize("setup", HEALTHY, ids=lambda setup: setup.__name__)
def test_no_fault_in_a_healthy_training(setup):
    assert faults(setup) == {}


@pytest.mark.slow
def test_every_question_is_asked_of_some_healthy_training():
    asked = {name for setup in HEALTHY for name, state in states(setup).items() if state == "well"}
    assert asked == {*CHECKS, "the same seed repeats"}
    assert len(HEALTHY) >= 10


# -- planted faults: setup, and the check that has to find it -------------------------------------


def logarithm_of_scores(given):
    return lambda model, batch: -torch.log(model(batch["xs"])).mean()


def mmd_without_gradient(given):
    def loss(model, batch):
        with torch.no_grad():
            distance = (model.body(batch["xs"]).mean(0) - model.body(batch["xt"]).mean(0)).norm()
        return {"labels": labels(model, batch), "mmd": distance}

    return loss


def behind_a_detach(given):
    return lambda model, batch: F.cross_entropy(
        model.head(model.body(batch["xs"]).detach()), batch["ys"]
    )


def only_living_batchnorm(given):
    model = given["model"]
    optimizer = torch.optim.Adam(model.head.parameters(), lr=1e-2)

    def step(batch):
        model.train()
        optimizer.zero_grad()
        labels(model, batch).backward()
        optimizer.step()

    return step


def optimizer_of_the_old_head(given):
    model = given["model"]
    optimizer = torch.optim.Adam(model.parameters())
    model.head = setups.made(lambda: nn.Linear(12, 2), 5)

    def step(batch):
        optimizer.zero_grad()
        labels(model, batch).backward()
        optimizer.step()

    return step


def weight_decay_on_everything(given):
    model = given["model"]
    optimizer = torch.optim.SGD(model.requires_grad_(True).parameters(), lr=0.1, weight_decay=0.1)

    def step(batch):
        model.train()
        model.body.eval()
        optimizer.zero_grad()
        labels(model, batch).backward()
        optimizer.step()

    return step


class OneSoftmax(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, z):
        return self.layers(z).softmax(1)[:, 0]


def one_softmax(given):
    return setups.made(OneSoftmax, 0)


def binary(detached):
    def domain_loss(model, critic, batch):
        z = torch.cat([model.body(batch["xs"]), model.body(batch["xt"])]).detach()
        domain = torch.cat([torch.zeros(len(batch["xs"])), torch.ones(len(batch["xt"]))])
        scores = critic(z)
        if detached:
            scores = scores[:, 0].detach().sigmoid()
        return F.binary_cross_entropy(scores, domain)

    return lambda given: domain_loss


def labels_by_position(given):
    fixed = given["batch"]["ys"]

    def loss(model, batch):
        answers = fixed.repeat(len(batch["xs"]) // len(fixed))
        right = labels(model, batch)
        return right + F.cross_entropy(model(batch["xs"]), answers)

    return loss


def a_sum(given):
    return lambda model, batch: F.cross_entropy(model(batch["xs"]), batch["ys"], reduction="sum")


def a_sum_of_pairs(given):
    def loss(model, batch):
        gaps = torch.cdist(model.body(batch["xs"]), model.body(batch["xt"])).square().sum()
        return {"labels": labels(model, batch), "pairs": 1e-3 * gaps}

    return loss


def target_labels_in_the_loss(given):
    def loss(model, batch):
        return labels(model, batch) + 0.1 * F.cross_entropy(model(batch["xt"]), batch["yt"])

    return loss


def target_labels_in_training(given):
    def train(batch, seed):
        from sklearn.linear_model import LogisticRegression

        X = np.concatenate([batch["xs"], batch["xt"]])
        return LogisticRegression().fit(X, np.concatenate([batch["ys"], batch["yt"]]))

    return train


def chosen_by_target_labels(given):
    """One of two answers, whichever is right on more target rows."""

    def train(batch, seed):
        truth = np.asarray(batch["yt"])
        first = np.arange(len(truth)) % 2  # and the second is its opposite
        return first if (first == truth).mean() >= 0.5 else 1 - first

    return train


def a_thousandth_of_target_labels(given):
    return lambda model, batch: (
        labels(model, batch) + 1e-3 * F.cross_entropy(model(batch["xt"]), batch["yt"])
    )


def target_frequencies_in_the_loss(given):
    def loss(model, batch):
        count = torch.bincount(batch["yt"], minlength=int(batch["ys"].max()) + 1).float() + 1
        return F.cross_entropy(model(batch["xs"]), batch["ys"], weight=count / count.sum())

    return loss


def one_domain_label(given):
    def domain_loss(model, critic, batch):
        scores = critic(torch.cat([model.body(batch["xs"]), model.body(batch["xt"])]).detach())
        return F.cross_entropy(scores, torch.zeros(len(scores), dtype=torch.long))

    return domain_loss


def no_labels_at_all(given):
    return lambda model, batch: (model(batch["xs"]).mean(0) - model(batch["xt"]).mean(0)).norm()


def constant_answers(given):
    return lambda batch, seed: np.zeros(len(batch["xt"]), dtype=int)


def unseeded_training(given):
    def train(batch, seed):
        rng = np.random.default_rng()
        answers = np.asarray(batch["ys"]).repeat(2)[: len(batch["xt"])] + 0.0
        return answers + rng.normal(size=len(answers))

    return train


PLANTED = [
    (changed(setups.plain, loss=logarithm_of_scores), "the loss is a number"),
    (changed(setups.plain, loss=mmd_without_gradient), "each term has a gradient"),
    (changed(setups.plain, loss=behind_a_detach), "gradients reach every weight"),
    (changed(setups.plain, step=optimizer_of_the_old_head), "your step moves every weight"),
    (
        changed(setups.head_on_frozen_body, step=only_living_batchnorm),
        "what is frozen stays",
    ),
    (
        changed(setups.head_on_frozen_body, step=weight_decay_on_everything),
        "what is frozen stays",
    ),
    (
        changed(setups.adversarial, discriminator=one_softmax, domain_loss=binary(False)),
        "the discriminator learns",
    ),
    (changed(setups.adversarial, domain_loss=binary(True)), "the discriminator learns"),
    (changed(setups.plain, loss=labels_by_position), "the order of the rows does not matter"),
    (changed(setups.plain, loss=a_sum), "a copy of the rows does not matter"),
    (changed(setups.plain, loss=a_sum_of_pairs), "a copy of the rows does not matter"),
    (changed(setups.plain, loss=target_labels_in_the_loss), "target labels are unseen"),
    (changed(setups.training_alone, train=target_labels_in_training), "target labels are unseen"),
    (changed(setups.plain, loss=a_thousandth_of_target_labels), "target labels are unseen"),
    (changed(setups.plain, loss=target_frequencies_in_the_loss), "target labels are unseen"),
    (changed(setups.training_alone, train=chosen_by_target_labels), "target labels are unseen"),
    (changed(setups.adversarial, domain_loss=one_domain_label), "the discriminator learns"),
    (changed(setups.plain, loss=no_labels_at_all), "source labels are seen"),
    (changed(setups.training_alone, train=constant_answers), "source labels are seen"),
    (changed(setups.training_alone, train=unseeded_training), "the same seed repeats"),
]


@pytest.mark.parametrize(
    ("setup", "check"), PLANTED, ids=[f"{i}: {check}" for i, (_, check) in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found_by_its_check(setup, check):
    assert check in faults(setup)


@pytest.mark.slow
def test_most_planted_faults_are_named_by_one_check_only():
    alone = [check for setup, check in PLANTED if list(faults(setup)) == [check]]
    assert len(alone) >= 9, alone


def test_a_bias_before_batchnorm_has_nothing_to_move_by():
    """With plain SGD its gradient is rounding only: no fault of the optimizer."""

    def setup(seed):
        model = setups.made(
            lambda: nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2)),
            seed,
        )
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

        def step(batch):
            optimizer.zero_grad()
            labels(model, batch).backward()
            optimizer.step()

        return {"model": model, "loss": labels, "batch": setups.vectors(seed), "step": step}

    found = {finding.check: finding for finding in checkup(setup)}["your step moves every weight"]
    assert found.state == "well"
    assert "does not depend on 0.bias" in found.said or "6 of 6" in found.said


def test_a_head_that_no_seed_fixes_is_found():
    def setup(seed):
        return setups.plain(seed) | {"model": setups.Net()}

    assert "of the model differs" in faults(setup)["the same seed repeats"]


def test_living_batchnorm_is_found_without_a_name_and_without_a_step():
    def setup(seed):
        model = setups.made(lambda: setups.Net(setups.batchnorm), seed)
        model.body.requires_grad_(False)
        return {"model": model, "loss": labels, "batch": setups.vectors(seed)}

    said = faults(setup)["what is frozen stays"]
    assert "running_mean" in said


def test_code_that_stops_is_a_finding_with_its_error():
    def wrong(given):
        return lambda model, batch: model(batch["no_such_key"])

    found = checkup(changed(setups.plain, loss=wrong))
    assert "KeyError" in found[0].said
    assert [finding.check for finding in found if finding.state == "fault"] == [found[0].check]
    assert any("stops as in 'the loss is a number'" in finding.said for finding in found)


def test_a_loss_that_draws_random_numbers_is_not_asked_about_order():
    def noisy(given):
        return lambda model, batch: labels(
            model, batch | {"xs": batch["xs"] + torch.randn_like(batch["xs"])}
        )

    found = states(changed(setups.plain, loss=noisy))
    assert found["the order of the rows does not matter"] == "not asked"
    assert "fault" not in found.values()


def test_the_caller_s_generators_stay_where_they_are():
    torch.manual_seed(4)
    first = torch.rand(1)
    torch.manual_seed(4)
    checkup(setups.plain)
    assert torch.rand(1) == first


# -- what is handed over --------------------------------------------------------------------------


def handing(**parts):
    return lambda: setups.plain(0) | parts


def bare(given):
    return lambda: given


@pytest.mark.parametrize(
    ("setup", "message"),
    [
        (3, "setup: got int, want a function"),
        (lambda data: data, "needs 'data'"),
        (bare([1]), "setup: got list back, want a dict with model, loss, batch"),
        (handing(modle=1), "setup: got the key 'modle', want model, loss"),
        (bare({"model": nn.Linear(2, 2)}), 'setup: got no "batch"'),
        (bare({"batch": setups.vectors(0)}), 'neither "model" and "loss" nor "train"'),
        (handing(batch=3), "batch: got int, want a dict"),
        (handing(batch={"x": torch.zeros(3)}), "batch: got the key 'x', want keys that end in s"),
        (handing(batch={"xs": [1, 2]}), "xs: got list, want a tensor or an array"),
        (handing(batch={"xs": torch.zeros(1, 2)}), "xs: got shape"),
        (
            handing(batch={"xs": torch.zeros(3, 2), "ys": torch.zeros(4)}),
            "ys: got 4 rows, want 3 like the other keys of the source",
        ),
        (handing(model="net"), "model: got str, want a torch module"),
        (handing(loss=3), "loss: got int, want a function"),
        (handing(frozen="body"), "frozen: got 'body', want a list"),
        (handing(frozen=["trunk"]), "frozen: got 'trunk', want names of modules, such as body"),
        (handing(discriminator=nn.Linear(2, 2)), "discriminator: got it without domain_loss"),
    ],
)
def test_a_wrong_handover_is_one_line(setup, message):
    with pytest.raises(ValueError) as caught:
        checkup(setup)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_model_that_outlives_the_call_is_refused():
    model = setups.Net()
    with pytest.raises(ValueError, match="model: got the same module in two calls"):
        checkup(lambda: setups.plain(0) | {"model": model})


def test_a_loss_that_is_no_scalar_is_named():
    found = faults(
        changed(setups.plain, loss=lambda given: lambda model, batch: model(batch["xs"]))
    )
    assert "want a scalar tensor" in found["the loss is a number"]
