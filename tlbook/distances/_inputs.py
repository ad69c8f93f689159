"""Checks shared by all distances: NumPy arrays or torch tensors, never a mixture."""

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from tlbook._base.checks import check_array, check_same_features, is_tensor

Array = Any  # a NumPy array or a torch tensor; torch is never imported for NumPy users


def namespace(X: Array) -> Any:
    """``torch`` for a tensor, ``numpy`` for everything else."""
    return sys.modules["torch"] if is_tensor(X) else np


def full_precision(X: Array) -> AbstractContextManager:
    """Switch autocast off: products in half precision destroy |x|² + |y|² - 2 x·y."""
    return namespace(X).autocast(X.device.type, enabled=False) if is_tensor(X) else nullcontext()


def to_numpy(X: Array) -> np.ndarray:
    """A NumPy copy or view of ``X``, cut off from any gradient."""
    return X.detach().cpu().numpy() if is_tensor(X) else np.asarray(X)


def one_array(X: Any, name: str, *, ndim: int | tuple[int, ...] = 2, min_rows: int = 1) -> Array:
    """Return ``X`` as a floating-point array or tensor of at least single precision."""
    if is_tensor(X):
        return _one_tensor(X, name, (ndim,) if isinstance(ndim, int) else ndim, min_rows)
    array = check_array(X, name, ndim=ndim, min_rows=min_rows)
    if array.dtype.kind != "f":
        return array.astype(np.float64)
    return array.astype(np.float32) if array.dtype.itemsize < 4 else array


def _one_tensor(X: Array, name: str, ndim: tuple[int, ...], min_rows: int) -> Array:
    torch = namespace(X)
    if X.is_complex():
        raise ValueError(f"{name}: got values of type {X.dtype}, want real numbers")
    if X.ndim not in ndim:
        shapes = " or ".join(f"{d}-dimensional" for d in ndim)
        raise ValueError(f"{name}: got shape {tuple(X.shape)}, want a {shapes} tensor")
    rows = X.shape[0] if X.ndim else 0
    if rows < min_rows:
        raise ValueError(f"{name}: got {rows} rows, want at least {min_rows}")
    if not X.is_floating_point():
        return X.to(torch.get_default_dtype())
    bad = int((~torch.isfinite(X.detach())).sum())
    if bad:
        raise ValueError(f"{name}: got {bad} values that are NaN or infinite, want finite numbers")
    return X.float() if X.dtype in (torch.float16, torch.bfloat16) else X


def check_squares(X: np.ndarray, name: str, dtype: Any) -> None:
    """Refuse values whose squared distances overflow: every statistic of them would be NaN."""
    largest = float(np.abs(X).max(initial=0.0))
    if largest > 1e-3 * float(np.finfo(dtype).max) ** 0.5:
        raise ValueError(
            f"{name}: got values up to {largest:.3g}, whose squares are too large for {dtype}; "
            "want smaller ones, such as standardized features"
        )


def two_arrays(
    X: Any,
    Y: Any,
    *,
    names: tuple[str, str] = ("X", "Y"),
    ndim: int | tuple[int, ...] = 2,
    min_rows: int = 1,
    same_features: bool = True,
) -> tuple[Array, Array]:
    """Check two samples and bring them to one floating-point type."""
    if is_tensor(X) != is_tensor(Y):
        raise ValueError(
            f"{names[1]}: got {type(Y).__name__} beside {type(X).__name__} {names[0]}, "
            "want two arrays or two tensors"
        )
    X = one_array(X, names[0], ndim=ndim, min_rows=min_rows)
    Y = one_array(Y, names[1], ndim=ndim, min_rows=min_rows)
    if same_features:
        check_same_features(X, Y, names)
        if X.ndim > 1 and X.shape[1] == 0:
            raise ValueError(f"{names[0]}: got rows without a feature, want at least 1")
    if not is_tensor(X):
        dtype = np.result_type(X, Y)
        for each, name in zip((X, Y), names, strict=True):
            check_squares(each, name, dtype)
        return X.astype(dtype, copy=False), Y.astype(dtype, copy=False)
    if X.device != Y.device:
        raise ValueError(f"{names[1]}: got a tensor on {Y.device}, want {X.device} like {names[0]}")
    dtype = namespace(X).promote_types(X.dtype, Y.dtype)
    return X.to(dtype), Y.to(dtype)


def check_block(block: int | None, X: Array) -> int:
    """Rows per tile: small enough for a processor's cache, large enough for a GPU."""
    if block is None:
        return 4096 if is_tensor(X) and X.is_cuda else 512
    if isinstance(block, bool) or not isinstance(block, (int, np.integer)) or block < 1:
        raise ValueError(f"block: got {block!r}, want a positive integer or None")
    return int(block)
