"""Small domains for the tests: three clusters in four dimensions."""

import numpy as np

CENTERS = np.array([[0, 0, 0, 0], [2.5, 0, 1, 0], [0, 2.5, 0, 1.0]])


def clusters(n, seed, shares=(0.4, 0.35, 0.25)):
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=shares)
    return CENTERS[y] + rng.normal(size=(n, 4)), y
