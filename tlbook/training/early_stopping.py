"""Early stopping on labeled *source* rows: the only validation that unsupervised adaptation has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tlbook._base.checks import check_positive
from tlbook.domains import Domain
from tlbook.training.datasets import blocks, is_stored
from tlbook.training.draws import to_labels, to_tensor


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the loss on source validation rows no longer falls; give the best weights back.

    Parameters
    ----------
    every : int
        Steps between two evaluations.
    patience : int or None
        Evaluations without a better loss before the run stops; ``None`` runs to the end.
    data : Domain, (X, y), Dataset or DataLoader, optional
        Labeled rows; by default the ``validation`` part of the task, which is source data. Target
        labels have no place here: they would choose the model. A dataset is read anew each time.

    Raises
    ------
    ValueError
        If a number is not a positive integer.

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.training import EarlyStopping, fit
    >>> task = data.load("fonts-to-handwriting", n_source=200)
    >>> rule = EarlyStopping(every=5, patience=1)  # on task.validation, which is source data
    >>> history = fit(models.create("digitnet"), task, early_stopping=rule, steps=500, lr=0.03)
    >>> history.stopped, history.steps < 500
    ('early stopping', True)
    """

    every: int = 50
    patience: int | None = 5
    data: Any = None

    def __post_init__(self) -> None:
        check_positive(self.every, "every", integer=True)
        if self.patience is not None:
            check_positive(self.patience, "patience", integer=True)


class Watch:
    """Evaluates now and then, remembers the best weights, and says when to stop."""

    def __init__(
        self,
        rule: EarlyStopping,
        data: Any,
        loss: Callable[[Tensor, Tensor], Tensor],
        device: torch.device,
    ) -> None:
        self.rule, self.loss, self.device = rule, loss, device
        self.stored = rule.data if is_stored(rule.data) else None
        if self.stored is None:
            X, y = _rows(rule.data, data)
            self.x = to_tensor(X, torch.device("cpu"))
            self.y = to_labels(y, len(self.x), torch.device("cpu"))
        self.best, self.best_step, self.waited = float("inf"), -1, 0
        self.weights: dict[str, Tensor] = {}

    def due(self, step: int) -> bool:
        """Say whether to evaluate after this step."""
        return (step + 1) % self.rule.every == 0

    def look(self, model: nn.Module, step: int) -> float:
        """Return the mean loss on the validation rows, and remember the weights if it is best."""
        value = self._evaluate(model)
        if value < self.best:
            self.best, self.best_step, self.waited = value, step, 0
            self.weights = {k: v.detach().clone() for k, v in model.state_dict().items()}
        else:
            self.waited += 1
        return value

    @property
    def over(self) -> bool:
        """Whether patience has run out."""
        return self.rule.patience is not None and self.waited >= self.rule.patience

    def give_back(self, model: nn.Module) -> None:
        """Put the best weights into the model."""
        if self.weights:
            model.load_state_dict(self.weights)

    def _evaluate(self, model: nn.Module) -> float:
        modes = [(module, module.training) for module in model.modules()]
        model.eval()
        total, n = 0.0, 0
        try:
            with torch.no_grad():
                for x, y in self._blocks():
                    x, y = x.to(self.device), y.to(self.device)
                    logits = model.head(model.features(x))  # type: ignore[operator]
                    total, n = total + float(self.loss(logits, y)) * len(x), n + len(x)
        finally:
            for module, mode in modes:
                module.training = mode
        return total / n

    def _blocks(self) -> Iterator[tuple[Tensor, Tensor]]:
        if self.stored is None:
            yield from zip(self.x.split(512), self.y.split(512), strict=True)
            return
        with torch.random.fork_rng(devices=[]):  # what reading draws must not change the run
            for x, y in blocks(self.stored, 512, "early_stopping", labeled=True):
                assert y is not None
                yield x, y

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint needs."""
        return {
            "best": self.best,
            "best_step": self.best_step,
            "waited": self.waited,
            "weights": self.weights,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take up what :meth:`state` gave."""
        self.best, self.best_step = state["best"], state["best_step"]
        self.waited = state["waited"]
        self.weights = {k: v.to(self.device) for k, v in state["weights"].items()}


def _rows(given: Any, data: Any) -> tuple[Any, Any]:
    source = given if given is not None else getattr(data, "validation", None)
    if isinstance(source, Domain):
        source = (source.X, source.y)
    if not isinstance(source, tuple | list) or len(source) != 2 or source[1] is None:
        raise ValueError(
            "early_stopping: got no labeled validation rows, want EarlyStopping(data=(X, y)) "
            "or a task, which has a validation part"
        )
    return source[0], source[1]
