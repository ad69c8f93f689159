"""Mean teacher: agree with the average of your own past on inputs that were disturbed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from tlbook._base.checks import check_positive, check_probability
from tlbook._base.named import named
from tlbook.alignment.mmd import softmax
from tlbook.objective import Batch, Term, Weight

Augment = Callable[[Tensor, torch.Generator], Tensor]
PREFIX = "teacher/"


class MeanTeacher(Term):
    r"""Squared distance of the student's probabilities from those of its moving average.

    .. math:: \frac1m \sum_j [\max_y q_{jy} \ge c]\, \lVert p(\tilde x_j) - q(x_j) \rVert^2,
        \qquad \theta' \leftarrow d\,\theta' + (1 - d)\,\theta

    The student :math:`p` sees the target rows disturbed, the teacher :math:`q` sees them as they
    are. The teacher's weights :math:`\theta'` are an exponential moving average of the student's;
    it gets no gradient.

    Parameters
    ----------
    weight : float or function
        Weight of the term.
    decay : float
        :math:`d` in [0, 1]: 0.99 averages over about the last 100 steps. Early on it is at most
        step / (step + 1), so that the average is over the steps made so far.
    confidence : float
        :math:`c` in [0, 1]: rows of which the teacher is less sure are left out.
    noise : float
        Standard deviation of the noise that disturbs the student's inputs.
    augment : function, optional
        ``augment(x, generator) -> x`` instead of the noise (see ``tlbook.augmentation``).
    seed : int
        Seed of the disturbance, which depends on nothing else but the step.

    Notes
    -----
    The teacher is kept as buffers, so ``state_dict`` has it. It normalizes with the statistics of
    the target draw, as the student does. The average is updated inside ``forward``, before the
    teacher answers: call it once per step, as ``fit`` does. After the training,
    :meth:`teacher_of` gives the teacher as a network, often a little better than the student.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Tarvainen & Valpola (2017), Mean teachers are better role models.
    French, Mackiewicz & Fisher (2018), Self-ensembling for visual domain adaptation.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.alignment import MeanTeacher
    >>> from tlbook.objective import Objective, Ramp
    >>> from tlbook.training import fit, predictor
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> net, term = models.create("digitnet"), MeanTeacher(Ramp(1.0), decay=0.95)
    >>> _ = fit(net, task, Objective(cross_entropy, term), steps=30)
    >>> task.score(predictor(term.teacher_of(net))) > 0.3  # guessing gives 0.1
    True
    """

    needs = ("target",)

    @named
    def __init__(
        self,
        weight: Weight = 1.0,
        *,
        decay: float = 0.99,
        confidence: float = 0.0,
        noise: float = 0.1,
        augment: Augment | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(weight)
        self.decay = check_probability(decay, "decay")
        self.confidence = check_probability(confidence, "confidence")
        self.noise = check_positive(noise, "noise", zero_ok=True)
        self.augment = augment
        self.seed = check_positive(seed, "seed", zero_ok=True, integer=True)

    def forward(self, batch: Batch) -> Tensor:
        """Update the teacher and return the mean squared distance, a scalar."""
        if batch.target_x is None:
            raise ValueError("target_x: got None, want a draw of the target")
        self.update(batch.model, batch.step)
        with torch.no_grad():
            wanted = softmax(functional_call(batch.model, self.average(), (batch.target_x,)))
        features = batch.features_of or batch.model.features
        disturbed = self._disturb(batch.target_x, batch.step)
        given = softmax(batch.model.head(features(disturbed)))  # type: ignore[operator]
        sure = wanted.amax(dim=1) >= self.confidence
        return ((given - wanted).square().sum(dim=1) * sure).mean()

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move the teacher's weights towards the student's; at step 0 they become a copy."""
        average = self.average()
        decay = min(self.decay, step / (step + 1))
        for name, weights in model.named_parameters():
            if name in average:
                average[name].lerp_(weights, 1 - decay)
            else:
                self.register_buffer(_key(name), weights.detach().clone())
        for name, statistics in model.named_buffers():  # later its BatchNorm has its own
            if name not in average:
                self.register_buffer(_key(name), statistics.detach().clone())

    def average(self) -> dict[str, Tensor]:
        """Return the teacher's parameters and buffers by the model's names for them."""
        return {
            name[len(PREFIX) :].replace("/", "."): value
            for name, value in self.named_buffers()
            if name.startswith(PREFIX)
        }

    def teacher_of(self, model: nn.Module) -> nn.Module:
        """Return a copy of ``model`` with the teacher's weights and statistics, in eval mode.

        Raises
        ------
        ValueError
            If there is no teacher yet, or the model is another network.
        """
        average = self.average()
        if set(average) != set(dict(model.named_parameters())) | set(dict(model.named_buffers())):
            found = "no teacher yet" if not average else "another network"
            raise ValueError(f"model: got {found}, want the model that was trained with this term")
        teacher = copy.deepcopy(model)
        teacher.load_state_dict(average, strict=False)
        return teacher.eval()

    def _disturb(self, x: Tensor, step: int) -> Tensor:
        generator = torch.Generator(device=x.device).manual_seed(1_000_003 * self.seed + step)
        if self.augment is not None:
            return self.augment(x, generator)
        noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
        return x + self.noise * noise

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
        # A new term has no teacher yet: make room for the one that comes.
        device = next(self.buffers(), torch.zeros(())).device
        for key, value in state_dict.items():
            name = key[len(prefix) :]
            if key.startswith(prefix + PREFIX) and name not in self._buffers:
                self.register_buffer(name, torch.empty_like(value, device=device))
        super()._load_from_state_dict(state_dict, prefix, *args)


def _key(name: str) -> str:
    return PREFIX + name.replace(".", "/")  # a buffer's name must not contain a dot
