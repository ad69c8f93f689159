"""What the six topics of ``docstrings`` are about, worded before anything was scored.

Four wordings, from the bare name to a list of words. None was changed after a look at an accuracy;
the spread between them is part of what chapter 15 reports.
"""

from __future__ import annotations

WORDINGS: dict[str, dict[str, str]] = {
    "name": {
        "signal": "signal",
        "linear algebra": "linear algebra",
        "optimization": "optimization",
        "random": "random",
        "sparse": "sparse",
        "special functions": "special functions",
    },
    "short sentence": {
        "signal": "This text is about signal processing.",
        "linear algebra": "This text is about linear algebra.",
        "optimization": "This text is about optimization.",
        "random": "This text is about random numbers.",
        "sparse": "This text is about sparse matrices.",
        "special functions": "This text is about special mathematical functions.",
    },
    "full sentence": {
        "signal": "Filters, Fourier transforms, windows and the spectrum of a signal.",
        "linear algebra": "Decompositions, eigenvalues, norms and inverses of matrices, and "
        "systems of linear equations.",
        "optimization": "Minimizing a function: gradient steps, learning rates, convergence and "
        "constraints.",
        "random": "Probability distributions, their densities, and drawing random samples from "
        "them.",
        "sparse": "Matrices and tensors that store only their nonzero elements, and their formats.",
        "special functions": "Special functions of mathematics, such as gamma, error and Bessel "
        "functions, computed element by element.",
    },
    "words": {
        "signal": "signal, filter, frequency, spectrum, Fourier transform, window",
        "linear algebra": "matrix, eigenvalue, decomposition, determinant, inverse, norm",
        "optimization": "minimize, optimizer, gradient, learning rate, step, converge",
        "random": "random, probability, distribution, sample, seed, density",
        "sparse": "sparse, nonzero, compressed, coordinate format, indices, storage",
        "special functions": "gamma function, Bessel function, error function, logarithm, "
        "polynomial, element-wise",
    },
}
