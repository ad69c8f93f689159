"""What fine-tuning changed: weights, features, BatchNorm statistics, the old task."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from tlbook._base.checks import check_array, check_choice, check_labels
from tlbook._base.named import named
from tlbook.finetuning.frozen import NORMS, cached_features
from tlbook.finetuning.layers import layers_of
from tlbook.finetuning.multitask import MultiHead
from tlbook.training import predict
from tlbook.training.predict import in_blocks

if TYPE_CHECKING:
    import pandas as pd


@named
def weight_distance(model: nn.Module, reference: nn.Module) -> dict[str, float]:
    r"""Return how far each layer's weights moved, relative to their size.

    .. math:: \lVert w - w^0 \rVert_2 / \lVert w^0 \rVert_2

    Parameters
    ----------
    model, reference : nn.Module
        After and before. A head of another shape is left out.

    Returns
    -------
    dict of {layer: float}
        From the input to the head, names as in :func:`layers_of`.

    Raises
    ------
    ValueError
        If the networks have different layers.
    """
    before = dict(reference.named_parameters())
    moved = {}
    layers = layers_of(model)
    for layer in layers:
        shapes = {n: getattr(before.get(n), "shape", None) for n in layer.parameters}
        if any(p.shape != shapes[n] for n, p in layer.parameters.items()):
            if layer is layers[-1]:
                continue
            raise ValueError(
                f"model: layer {layer.name} is not the reference's (merge adapters first)"
            )
        pairs = [(p.detach().cpu(), before[n].detach().cpu()) for n, p in layer.parameters.items()]
        change = sum(float((p - q).double().square().sum()) for p, q in pairs)
        size = sum(float(q.double().square().sum()) for _, q in pairs)
        moved[layer.name] = (change / size) ** 0.5 if size else float(change > 0)
    return moved


@named
def feature_drift(
    model: nn.Module, reference: nn.Module, X: Any, *, kind: str = "relative"
) -> float:
    r"""Return how much the features of the rows ``X`` changed; 0 for the same network.

    Parameters
    ----------
    model, reference : nn.Module
        After and before, with ``features``.
    X : array of n rows
        Inputs.
    kind : {"relative", "cka"}
        :math:`\lVert Z - Z_0 \rVert_F / \lVert Z_0 \rVert_F`, or 1 − linear CKA, which ignores
        rotations, shifts and a common scale.

    Raises
    ------
    ValueError
        If ``kind`` is unknown, or (relative) the features have different lengths.
    """
    check_choice(kind, "kind", ("relative", "cka"))
    return _drift(cached_features(model, X), cached_features(reference, X), kind)


@named
def layer_drift(
    model: nn.Module, reference: nn.Module, X: Any, *, kind: str = "relative"
) -> dict[str, float]:
    """Return the drift of every layer's output (averaged over positions), input to head.

    As :func:`feature_drift`; the head's outputs are left out.
    """
    check_choice(kind, "kind", ("relative", "cka"))
    after, before = _activations(model, X), _activations(reference, X)
    if list(after) != list(before):
        raise ValueError("model: its layers are not the reference's (merge adapters first)")
    return {name: _drift(after[name], before[name], kind) for name in after}


@named
def linear_cka(Z: Any, Z0: Any) -> float:
    r"""Return the similarity of two representations of the same rows, in [0, 1].

    .. math:: \frac{\lVert Z^\top Z_0 \rVert_F^2}
              {\lVert Z^\top Z \rVert_F \, \lVert Z_0^\top Z_0 \rVert_F}

    for centered columns.

    Raises
    ------
    ValueError
        If the numbers of rows differ, or a representation is constant.

    References
    ----------
    Kornblith, Norouzi, Lee & Hinton (2019), Similarity of neural network representations revisited.
    """
    A = check_array(Z, "Z", ndim=2, min_rows=2).astype(np.float64)
    B = check_array(Z0, "Z0", ndim=2, min_rows=2).astype(np.float64)
    if len(A) != len(B):
        raise ValueError(f"Z0: got {len(B)} rows, want {len(A)} like Z")
    A, B = A - A.mean(axis=0), B - B.mean(axis=0)
    sizes = [float(np.linalg.norm(M.T @ M)) for M in (A, B)]
    if not all(sizes):
        raise ValueError("Z: got rows that are all the same, want features that vary")
    return float(np.linalg.norm(A.T @ B) ** 2 / (sizes[0] * sizes[1]))


@named
def statistics_drift(model: nn.Module, reference: nn.Module) -> pd.DataFrame:
    r"""Return how far the running statistics of each BatchNorm layer moved.

    Returns
    -------
    DataFrame with a row per layer
        ``mean shift``: root mean square of :math:`(\mu - \mu_0) / \sigma_0` over channels, and
        ``variance ratio``: geometric mean over channels of :math:`\sigma^2 / \sigma_0^2` or its
        inverse, whichever is larger (1 = unchanged).

    Raises
    ------
    ValueError
        If the networks have different BatchNorm layers, or none.
    """
    import pandas as pd

    rows = {}
    before = {n: m for n, m in reference.named_modules() if isinstance(m, NORMS)}
    for name, after in model.named_modules():
        if not isinstance(after, NORMS):
            continue
        if name not in before or before[name].num_features != after.num_features:
            raise ValueError(f"model: BatchNorm layer {name} is not the reference's")
        old = before[name]
        shift = (_statistic(after, "mean") - _statistic(old, "mean")).square()
        mean = float((shift / (_statistic(old, "var") + old.eps)).mean().sqrt())
        ratio = (_statistic(after, "var") + old.eps) / (_statistic(old, "var") + old.eps)
        rows[name] = {"mean shift": mean, "variance ratio": float(ratio.log().abs().mean().exp())}
    if not rows or len(rows) != len(before):
        raise ValueError(f"model: got {len(rows)} BatchNorm layers, want {len(before)} and some")
    return pd.DataFrame.from_dict(rows, orient="index")


@named
def forgetting(model: nn.Module, reference: nn.Module, X: Any, y: Any) -> float:
    """Return the accuracy on the old task that fine-tuning cost, in [−1, 1].

    The reference's accuracy on ``(X, y)`` minus that of the reference's head on the features of the
    fine-tuned model.

    Parameters
    ----------
    model, reference : nn.Module
        After and before fine-tuning; the reference has the old task's head.
    X, y : arrays of n rows
        Labeled rows of the old task.

    Raises
    ------
    ValueError
        If the labels do not fit the rows.

    Examples
    --------
    >>> from tlbook import data, models
    >>> from tlbook.finetuning import forgetting, replace_head
    >>> from tlbook.training import fit
    >>> X, y = data.load("handwriting").X, data.load("handwriting").y
    >>> old = models.create("digitnet", n_classes=5)
    >>> _ = fit(old, (X[y < 5], y[y < 5]), steps=50)
    >>> new = replace_head(old, 5)
    >>> _ = fit(new, (X[y >= 5], y[y >= 5] - 5), steps=50, lr=0.01)  # a large rate
    >>> forgetting(new, old, X[y < 5], y[y < 5]) > 0.2
    True
    """
    y = check_labels(y, len(X))
    before = np.mean(predict(reference, X) == y)
    after = np.mean(predict(MultiHead(model, reference.head), X) == y)  # type: ignore[arg-type]
    return float(before - after)


def _drift(Z: np.ndarray, Z0: np.ndarray, kind: str) -> float:
    if kind == "cka":
        return 1 - linear_cka(Z, Z0)
    if Z.shape != Z0.shape:
        raise ValueError(f"model: got features of shape {Z.shape}, want {Z0.shape}")
    size = float(np.linalg.norm(Z0))
    return float(np.linalg.norm(Z - Z0)) / size if size else float(np.any(Z))


def _activations(model: nn.Module, X: Any) -> dict[str, np.ndarray]:
    """Return each layer's output for all rows, averaged over positions, (n, channels)."""
    modules = dict(model.named_modules())
    layers = layers_of(model)[:-1]
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        return lambda _module, _inputs, output: seen.__setitem__(name, output.detach())

    handles = [modules[x.modules[-1]].register_forward_hook(keep(x.name)) for x in layers]
    try:
        sizes: list[int] = []

        def joined(x: Tensor) -> Tensor:
            model.features(x)  # type: ignore[operator]
            flat = [_pooled(seen[layer.name]) for layer in layers]
            sizes[:] = [f.shape[1] for f in flat]
            return torch.cat(flat, dim=1)

        together = in_blocks(joined, model, X, 512)
    finally:
        for handle in handles:
            handle.remove()
    pieces = np.split(together, np.cumsum(sizes)[:-1], axis=1)
    return {layer.name: piece for layer, piece in zip(layers, pieces, strict=True)}


def _pooled(output: Tensor) -> Tensor:
    if output.ndim == 4:  # pictures: (n, channels, height, width)
        return output.float().mean(dim=(2, 3))
    return output.float().mean(dim=1) if output.ndim == 3 else output.float().flatten(1)


def _statistic(layer: Any, which: str) -> Tensor:
    value = getattr(layer, f"running_{which}")
    if value is None:
        raise ValueError("model: got a BatchNorm without running statistics")
    return value.detach().cpu().double()
