"""Divergences of known distributions: Kullback-Leibler and Jensen-Shannon."""

from typing import Any

import numpy as np
from scipy import linalg, special

from tlbook._base.named import named
from tlbook.distances._inputs import Array, is_tensor, namespace, one_array, to_numpy, two_arrays


@named
def kl_divergence(p: Any, q: Any) -> Any:
    r"""Kullback-Leibler divergence (KL 散度) of two discrete distributions, in nats.

    .. math:: \mathrm{KL}(p \,\|\, q) = \sum_i p_i \log \frac{p_i}{q_i}

    Not a distance: it is not symmetric and has no triangle inequality. It is infinite where q
    rules out (:math:`q_i = 0`) something that p allows (:math:`p_i > 0`); this is the right
    answer and no error. A term with :math:`p_i = 0` counts as zero.

    Parameters
    ----------
    p, q : array or tensor of shape (k,)
        Probabilities of the same k outcomes; not negative, sum 1 (to about 1e-5).

    Returns
    -------
    float for arrays, scalar tensor for tensors; possibly infinite

    Raises
    ------
    ValueError
        If an entry is negative, a sum is not 1, or the lengths differ.

    References
    ----------
    Kullback and Leibler, On information and sufficiency, 1951.

    Examples
    --------
    >>> from tlbook.distances import kl_divergence
    >>> fair, loaded = [0.5, 0.5], [0.9, 0.1]
    >>> round(kl_divergence(fair, loaded), 3), round(kl_divergence(loaded, fair), 3)
    (0.511, 0.368)
    >>> kl_divergence(fair, [1.0, 0.0])  # q rules out what p does half of the time
    inf
    """
    return _value(_kl(*_distributions(p, q)))


@named
def js_divergence(p: Any, q: Any) -> Any:
    r"""Jensen-Shannon divergence of two discrete distributions, in nats.

    .. math:: \mathrm{JS}(p, q) = \tfrac12 \mathrm{KL}(p \,\|\, m)
        + \tfrac12 \mathrm{KL}(q \,\|\, m), \qquad m = \tfrac12 (p + q)

    Symmetric and between 0 and :math:`\log 2`, which it reaches when p and q share no outcome.
    Its square root is a distance.

    Parameters
    ----------
    p, q : array or tensor of shape (k,)
        Probabilities of the same k outcomes.

    Returns
    -------
    float for arrays, scalar tensor for tensors

    Raises
    ------
    ValueError
        If an entry is negative, a sum is not 1, or the lengths differ.

    References
    ----------
    Lin, Divergence measures based on the Shannon entropy, 1991.

    Examples
    --------
    >>> from tlbook.distances import js_divergence
    >>> p, q = [0.5, 0.5, 0.0], [0.1, 0.1, 0.8]
    >>> round(js_divergence(p, q), 3), round(js_divergence(q, p), 3)
    (0.423, 0.423)
    >>> round(js_divergence([1.0, 0.0], [0.0, 1.0]), 3)  # nothing in common: log 2, never infinite
    0.693
    """
    p, q = _distributions(p, q)
    mixture = (p + q) / 2
    # Half of the smallest number there is is 0; then the sum stands in, and the term is 0 anyway.
    xp = namespace(p) if is_tensor(p) else np
    mixture = xp.where(mixture > 0, mixture, p + q)
    return _value((_kl(p, mixture) + _kl(q, mixture)) / 2)


def _kl(p: Array, q: Array) -> Array:
    if is_tensor(p):
        torch = namespace(p)
        return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum()
    return special.rel_entr(p, q).sum()


def _value(value: Any) -> Any:
    """A Python float, or the tensor; rounding below zero is cut off."""
    return value.clamp(min=0) if is_tensor(value) else max(0.0, float(value))


def _distributions(p: Any, q: Any) -> tuple[Array, Array]:
    p, q = two_arrays(p, q, names=("p", "q"), ndim=1, same_features=False)
    if len(p) != len(q):
        raise ValueError(f"q: got {len(q)} probabilities, want {len(p)} like p")
    for values, name in ((p, "p"), (q, "q")):
        if bool((values < 0).any()):
            raise ValueError(
                f"{name}: got {to_numpy(values).min():g}, want no negative probability"
            )
        total = float(to_numpy(values).sum())
        if abs(total - 1) > 1e-5:
            raise ValueError(f"{name}: got a sum of {total:g}, want probabilities with sum 1")
    return p, q


@named
def kl_gaussian(mean_p: Any, cov_p: Any, mean_q: Any, cov_q: Any) -> Any:
    r"""Kullback-Leibler divergence of two Gaussians, in nats.

    .. math:: \mathrm{KL} = \tfrac12 \left[ \operatorname{tr}(\Sigma_q^{-1} \Sigma_p)
        + (\mu_q - \mu_p)^\top \Sigma_q^{-1} (\mu_q - \mu_p) - d
        + \log \frac{\det \Sigma_q}{\det \Sigma_p} \right]

    Parameters
    ----------
    mean_p, mean_q : number, or array or tensor of shape (d,)
    cov_p, cov_q : number (the *variance*, not the standard deviation), or array or tensor of
        shape (d, d), symmetric and positive definite

    Returns
    -------
    float for arrays, scalar tensor for tensors

    Raises
    ------
    ValueError
        If shapes do not fit or a covariance is not symmetric and positive definite.
    """
    mean_p, mean_q = _means(mean_p, mean_q)
    cov_p = _covariance(cov_p, mean_p, "cov_p")
    cov_q = _covariance(cov_q, mean_p, "cov_q")
    factor_p, factor_q = _cholesky(cov_p, "cov_p"), _cholesky(cov_q, "cov_q")
    xp = namespace(mean_p)
    stacked = xp.concatenate([factor_p, (mean_q - mean_p)[:, None]], 1)
    if is_tensor(mean_p):
        solved = xp.linalg.solve_triangular(factor_q, stacked, upper=False)
    else:
        solved = linalg.solve_triangular(factor_q, stacked, lower=True)
    logs = xp.log(xp.diagonal(factor_q)).sum() - xp.log(xp.diagonal(factor_p)).sum()
    return _value(((solved**2).sum() - len(mean_p)) / 2 + logs)


def _means(mean_p: Any, mean_q: Any) -> tuple[Array, Array]:
    mean_p, mean_q = (m if is_tensor(m) else np.asarray(m) for m in (mean_p, mean_q))
    mean_p, mean_q = (m.reshape(1) if m.ndim == 0 else m for m in (mean_p, mean_q))
    mean_p, mean_q = two_arrays(
        mean_p, mean_q, names=("mean_p", "mean_q"), ndim=1, same_features=False
    )
    if len(mean_p) != len(mean_q):
        raise ValueError(f"mean_q: got {len(mean_q)} entries, want {len(mean_p)} like mean_p")
    return mean_p, mean_q


def _covariance(cov: Any, mean: Array, name: str) -> Array:
    if is_tensor(cov) != is_tensor(mean):
        kind = "tensor" if is_tensor(mean) else "array"
        raise ValueError(f"{name}: got {type(cov).__name__}, want an {kind} like the means")
    cov = cov if is_tensor(cov) else np.asarray(cov)
    cov = one_array(cov.reshape(1, 1) if cov.ndim == 0 else cov, name)
    if tuple(cov.shape) != (len(mean), len(mean)):
        shape = (len(mean), len(mean))
        raise ValueError(f"{name}: got shape {tuple(cov.shape)}, want {shape} for these means")
    if bool((abs(cov - cov.T) > 1e-5 * abs(cov).max()).any()):
        raise ValueError(f"{name}: got a matrix that is not symmetric, want a covariance")
    return cov.to(mean.dtype) if is_tensor(cov) else cov


def _cholesky(cov: Array, name: str) -> Array:
    try:
        return namespace(cov).linalg.cholesky(cov)
    except (np.linalg.LinAlgError, RuntimeError) as error:
        raise ValueError(
            f"{name}: got a matrix that is not positive definite, want a covariance"
        ) from error
