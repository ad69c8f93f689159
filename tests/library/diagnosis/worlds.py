"""Small domains for the tests: three clusters in four dimensions, two and a tail in the plane."""

import numpy as np

CENTERS = np.array([[0, 0, 0, 0], [2.5, 0, 1, 0], [0, 2.5, 0, 1.0]])


def clusters(n, seed, shares=(0.4, 0.35, 0.25)):
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=shares)
    return CENTERS[y] + rng.normal(size=(n, 4)), y


def two_clouds(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return np.array([[-1.1, -0.3], [1.1, 0.3]])[y] + 0.8 * rng.normal(size=(n, 2)), y


def tail(n, seed, strength=1.5):
    """Rows of the two clouds, kept sooner where x1 + x2 is large."""
    X, y = two_clouds(40 * n, seed)
    keep = np.exp(np.minimum(strength * (X.sum(axis=1) - 3), 0))
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(X), n, replace=False, p=keep / keep.sum())
    return X[rows], y[rows]
