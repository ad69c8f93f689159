"""The discriminator's extra steps against two optimizers that are written out, bit for bit."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.library.training.training_cases import make_task, net
from tlbook.adversarial import CDAN, DANN, domain_loss, reverse
from tlbook.objective import Batch, Objective
from tlbook.training import fit
from tlbook.training.draws import Draws

STEPS, SIZE, WEIGHT, SEED = 15, 16, 0.7, 3


def falling(progress):
    return 1.0 - 0.5 * progress


def game(kind, **options):
    sizes = {"n_classes": 3} if kind is CDAN else {}
    return kind(WEIGHT, n_features=8, hidden=16, **sizes, **options)


def two_optimizers(model, task, term, rates, ratio):
    """Two extra steps by an Adam, then one step of everybody, at the rates that are given."""
    judge = term.discriminator
    ahead = torch.optim.Adam(judge.parameters())
    groups = [{"params": model.parameters()}, {"params": judge.parameters()}]
    both = torch.optim.AdamW(groups, lr=1.0, weight_decay=0.0, fused=True)
    X, y, new = (torch.from_numpy(a) for a in (task.source.X, task.source.y, task.target.X))
    draws = Draws(len(X), SIZE, SEED, stream=0), Draws(len(new), SIZE, SEED, stream=1)
    model.train()
    judge.train()
    for step, rate in enumerate(rates):
        rows, others = (torch.from_numpy(d.at(step)) for d in draws)
        batch = Batch(model, X[rows], y[rows], new[others])
        source, target, *weights = term.inputs(batch)
        z = torch.cat([source, target])
        ahead.param_groups[0]["lr"] = rate * ratio
        for _ in range(2):
            ahead.zero_grad()
            said = judge(z.detach())
            domain_loss(said[:SIZE], said[SIZE:], *weights).backward()
            ahead.step()
        both.param_groups[0]["lr"], both.param_groups[1]["lr"] = rate, rate * ratio
        both.zero_grad()
        said = judge(reverse(z, WEIGHT))
        adversarial = domain_loss(said[:SIZE], said[SIZE:], *weights)
        (cross_entropy(batch.source_logits, y[rows]) + adversarial).backward()
        both.step()


@pytest.mark.slow
@pytest.mark.parametrize("schedule", ["constant", falling])
@pytest.mark.parametrize("ratio", [1.0, 2.5])
@pytest.mark.parametrize("lr", [1e-3, 2e-2])
@pytest.mark.parametrize("kind", [DANN, CDAN])
def test_extra_steps_follow_the_rate_of_fit(kind, lr, ratio, schedule):
    task, ours, by_hand = make_task(), net(1), net(1)
    term, other = game(kind, discriminator_steps=3, lr_ratio=ratio), game(kind)
    fit(
        ours,
        task,
        Objective(cross_entropy, term),
        steps=STEPS,
        batch_size=SIZE,
        lr=lr,
        schedule=schedule,
        seed=SEED,
        device="cpu",
        progress=False,
    )
    factors = [1.0 if schedule == "constant" else schedule(t / (STEPS - 1)) for t in range(STEPS)]
    with torch.random.fork_rng():
        torch.manual_seed(SEED)  # dropout of the network and of the discriminator
        two_optimizers(by_hand, task, other, [lr * f for f in factors], ratio)
    pairs = [(ours, by_hand), (term.discriminator, other.discriminator)]
    for a, b in pairs:
        for name, value in a.state_dict().items():
            assert torch.equal(value, b.state_dict()[name]), name


def test_a_rate_is_wanted_only_where_the_term_makes_steps_of_its_own():
    X = torch.zeros(4, 4)
    batch = Batch(net(), source_x=X, target_x=X)
    game(DANN)(batch)
    with pytest.raises(ValueError, match=r"lr: .* want Batch\(…, lr=…\)"):
        game(DANN, discriminator_steps=2)(batch)
