"""L2-SP: hold the weights near where the pretraining left them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tlbook._base.checks import check_positive
from tlbook._base.named import named
from tlbook.objective import Batch, Term, Weight, mean_of_rows


class L2SP(Term):
    r"""Squared distance from the starting point, and weight decay of what is new.

    .. math:: \Omega(w) = \frac{\alpha}{2} \lVert w_S - w_S^0 \rVert^2
              + \frac{\beta}{2} \lVert w_{\bar S} \rVert^2

    where :math:`w_S` are the parameters that the reference also has and :math:`w_{\bar S}` the
    head and whatever else is new. Weight decay pulls towards zero, where the network knows
    nothing; this pulls towards the pretrained network.

    Parameters
    ----------
    weight : float or function
        :math:`\alpha`.
    reference : nn.Module
        The starting point :math:`w^0`; its values are copied. The model must have all of its
        parameters but the head's, under the same names.
    head_weight : float
        :math:`\beta`.

    Notes
    -----
    The value, and its column in the history, is the whole penalty: both weights are inside.
    Frozen parameters are constant and left out. Leave ``fit``'s weight decay at zero, which would
    pull shared weights towards zero too. With Adam a large weight does not hold exactly: steps have
    about the size of the learning rate, whatever the gradient.

    Raises
    ------
    ValueError
        If a weight is negative, or the model lacks a parameter of the reference.

    References
    ----------
    Li, Grandvalet & Davoine (2018), Explicit inductive bias for transfer learning with
    convolutional networks.

    Examples
    --------
    >>> from torch.nn.functional import cross_entropy
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import L2SP, replace_head, weight_distance
    >>> from tlbook.objective import Objective
    >>> from tlbook.training import fit
    >>> digits, start = data.load("handwriting"), models.create("digitnet")
    >>> free, held = replace_head(start, 10), replace_head(start, 10)
    >>> _ = fit(free, digits, steps=20)
    >>> _ = fit(held, digits, Objective(cross_entropy, L2SP(1.0, reference=start)), steps=20)
    >>> weight_distance(held, start)["hidden"] < weight_distance(free, start)["hidden"]
    True
    """

    @named
    def __init__(self, weight: Weight, reference: nn.Module, head_weight: float = 0.0) -> None:
        if not callable(weight):
            check_positive(weight, "weight", zero_ok=True)
        super().__init__(weight)
        if not isinstance(reference, nn.Module):
            raise ValueError(f"reference: got {type(reference).__name__}, want an nn.Module")
        self.head_weight = check_positive(head_weight, "head_weight", zero_ok=True)
        # Buffers, not parameters: they follow the device and nothing trains them.
        self._buffer_of: dict[str, str] = {}
        in_head = _head_of(reference)
        for number, (name, value) in enumerate(reference.named_parameters()):
            if id(value) not in in_head:
                self._buffer_of[name] = f"start_{number}"
                self.register_buffer(f"start_{number}", value.detach().clone(), persistent=False)

    def weight_at(self, progress: float) -> float:
        """Return 1: the value contains both weights."""
        return 1.0

    def forward(self, batch: Batch) -> Tensor:
        """Return the whole penalty of the model, a scalar."""
        shared, new = self.split(batch.model)
        alpha = super().weight_at(batch.progress)
        like = next(batch.model.parameters())
        value = torch.zeros((), device=like.device, dtype=like.dtype)
        for name, parameter in shared.items():
            start = getattr(self, self._buffer_of[name])
            value = value + alpha / 2 * (parameter - start).square().sum()
        if self.head_weight:
            for parameter in new.values():
                value = value + self.head_weight / 2 * parameter.square().sum()
        return value

    def split(self, model: nn.Module) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return the trainable parameters that the reference shares, and the new ones, by name."""
        in_head = _head_of(model)
        body = {n: p for n, p in model.named_parameters() if id(p) not in in_head}
        for name, buffer in self._buffer_of.items():
            if name not in body or body[name].shape != getattr(self, buffer).shape:
                raise ValueError(
                    f"model: lacks {name} of the reference, want the network that came from it"
                )
        free: dict[str, Tensor] = {n: p for n, p in model.named_parameters() if p.requires_grad}
        shared = {n: p for n, p in free.items() if n in self._buffer_of}
        return shared, {n: p for n, p in free.items() if n not in self._buffer_of}


mean_of_rows(L2SP)


def _head_of(model: nn.Module) -> set[int]:
    head = getattr(model, "head", None)
    return {id(p) for p in head.parameters()} if isinstance(head, nn.Module) else set()
