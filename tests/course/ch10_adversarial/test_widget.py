"""The game of chapter 10: the same game watched or not, and what it teaches is so."""

import numpy as np
import pytest
import torch

from tlbook.course import widgets
from tlbook.course.ch10_adversarial.widget import _game_run, adversarial_game
from tlbook.course.ch10_adversarial.widget._game_run import Game
from tlbook.course.widgets.live_experiment import one_thread, unwatched
from tlbook.course.widgets.live_view import LiveView
from tlbook.course.widgets.worker import foreground

pytestmark = pytest.mark.slow

EXPERIMENT = widgets.get("adversarial_game")
SHORT = 120


@pytest.fixture
def short(monkeypatch):
    """Play 120 steps instead of 600."""
    monkeypatch.setattr(_game_run, "STEPS", SHORT)
    adversarial_game.compute.cache_clear()
    yield
    adversarial_game.compute.cache_clear()


def play(watch=unwatched, **params):
    return adversarial_game.train(watch, **EXPERIMENT.parameters(**params))


def test_controls_name_what_the_game_has():
    assert tuple(_game_run.PROBLEMS) == adversarial_game.PROBLEMS
    assert (_game_run.STEPS, _game_run.SLICE) == (adversarial_game.STEPS, adversarial_game.SLICE)
    assert EXPERIMENT.slice == "20 steps"


def test_a_snapshot_after_each_slice_and_all_of_them_of_one_game(short):
    seen = []
    end = play(lambda snapshot: seen.append(snapshot()) or False)
    assert [s.step for s in seen] == list(range(20, SHORT + 1, 20))
    assert all(s.steps == SHORT for s in seen)
    for earlier, later in zip(seen, [*seen[1:], end], strict=True):
        n = len(earlier.curves.step)
        for name in ("step", "accuracy", "label_loss", "domain_loss", "reversal"):
            assert np.array_equal(getattr(earlier.curves, name), getattr(later.curves, name)[:n])
    assert np.array_equal(end.answer, seen[-1].answer)
    assert not np.array_equal(seen[0].source_z, seen[1].source_z), "the features stand still"
    assert not np.array_equal(seen[0].domain, seen[1].domain), "the discriminator stands still"


def test_what_is_written_down_is_what_fit_records(short):
    from torch.nn import functional as F

    from tlbook.objective import Objective
    from tlbook.training import fit

    end = play()
    game = Game(adversarial_game.PROBLEMS[0], 3.0, 10.0, 10.0, 0)
    objective = Objective(F.cross_entropy, game.dann)
    options = {"lr": 3e-3, "optimizer": "adam", "device": "cpu", "seed": 0, "progress": False}
    with one_thread():
        history = fit(game.net, game.task, objective, steps=SHORT, **options)
    for name, curve in (("L_S", end.curves.label_loss), ("DANN", end.curves.domain_loss)):
        assert curve == pytest.approx(history.columns[name].reshape(-1, 20).mean(axis=1), rel=1e-5)
    assert np.array_equal(game.features(end.source), end.source_z)


def test_who_watches_may_end_the_game(short):
    seen = []
    end = play(lambda snapshot: seen.append(1) or len(seen) == 3)
    assert end.step == 60 and len(end.curves.step) == 3 and len(seen) == 3
    assert end.steps == SHORT


def test_the_ramp_is_the_one_that_was_set(short):
    full = play(ramp="off: full from the start", weight=10.0).curves.reversal
    assert full == pytest.approx(np.full(6, 10.0))
    rising = play(weight=10.0).curves.reversal
    progress = (np.arange(20, SHORT + 1, 20) - 1) / (SHORT - 1)
    assert rising == pytest.approx(10 * (2 / (1 + np.exp(-10 * progress)) - 1))
    assert play(weight=0.0).curves.reversal == pytest.approx(np.zeros(6))


def test_a_look_is_one_look_and_changes_nothing_else(short):
    game = Game(adversarial_game.PROBLEMS[0], 3.0, 10.0, 10.0, 0)
    blind = game.play(unwatched)
    assert game.task.looks == 0, "training looked at target labels"
    seen = game.looked(blind)
    assert game.task.looks == 1
    assert seen.look.accuracy == game.task.score(
        lambda X: game.net(torch.from_numpy(X)).argmax(dim=1).numpy()
    )
    assert np.array_equal(seen.answer, blind.answer) and blind.look is None
    rows = (seen.look.truth == 1) == seen.look.right
    asked = game.net(torch.from_numpy(seen.look.x)).argmax(dim=1).numpy()
    assert np.array_equal(rows, asked == 1)
    stopped = play(lambda snapshot: True, look=True)
    assert stopped.look is None, "a game that was stopped has not earned a look"


def test_the_discriminator_is_tested_on_rows_nobody_trained_on():
    game = Game(adversarial_game.PROBLEMS[1], 1.0, 1.0, 10.0, 0)
    held = np.concatenate([x.numpy() for x in game.new_rows])
    used = np.concatenate([game.task.source.X, game.task.target.X])
    assert not (held[:, None] == used[None]).all(axis=2).any()
    assert len(game.new_rows[0]) == len(game.new_rows[1]) == _game_run.N_ROWS


@pytest.mark.parametrize("control", EXPERIMENT.controls, ids=lambda c: c.name)
def test_a_picture_at_both_ends(control, short):
    ends = [EXPERIMENT.render(**{control.name: end}) for end in control.ends()]
    assert ends[0] != ends[1] and all(end.startswith(b"\x89PNG") for end in ends)


def test_the_extremes_together_and_the_picture_before_the_first_step(short):
    for which in (0, 1):
        ends = {control.name: control.ends()[which] for control in EXPERIMENT.controls}
        assert "discriminator right on" in EXPERIMENT.picture(**ends).alt
    untrained = Game(adversarial_game.PROBLEMS[0], 3.0, 10.0, 10.0, 0).snapshot()
    assert "nobody has learned" in EXPERIMENT.picture_of(untrained).alt


def test_in_a_thread_it_is_the_same_game_and_the_notebook_draws_what_it_would(short):
    still = EXPERIMENT.render()
    view = LiveView(EXPERIMENT, {})
    torch.manual_seed(11)
    alone = torch.rand(40)
    torch.manual_seed(11)
    mixed = []
    worker = view.begin()
    while len(mixed) < 40:
        with foreground():  # what a cell of the notebook is
            mixed.append(torch.rand(1))
    assert worker.join(60) and worker.state == "done"
    assert view.image.value == still and view.frames >= SHORT // 20
    assert torch.equal(torch.cat(mixed), alone)
    view.close()


def test_the_number_of_threads_changes_nothing(short):
    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(play())
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(found[0].answer, found[1].answer)


def test_bad_values_are_named():
    with pytest.raises(ValueError, match="ratio: got 2"):
        EXPERIMENT.render(ratio=2.0)
    with pytest.raises(ValueError, match="problem: got 'x'"):
        EXPERIMENT.render(problem="x")


def test_the_story_of_the_chapter():
    """Hiding helps the target, a discriminator that lags behind does not (four samples)."""
    found = {
        name: [adversarial_game.compute(seed=s, look=True, **params) for s in (100, 101, 102, 103)]
        for name, params in {
            "start": {},
            "alone": {"weight": 0.0},
            "slow": {"ratio": 0.1},
        }.items()
    }
    right = {name: np.mean([r.look.accuracy for r in runs]) for name, runs in found.items()}
    assert right["start"] > right["alone"] + 0.1
    assert right["start"] > right["slow"] + 0.1
    told = {n: np.mean([r.curves.accuracy[-10:].mean() for r in v]) for n, v in found.items()}
    assert told["alone"] > 65 and told["start"] < 60
