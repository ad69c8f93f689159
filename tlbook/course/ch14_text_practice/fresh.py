"""Sixty sentences on the six topics of ``docstrings``, written for this course and nowhere else.

MiniLM may have seen the docstrings of NumPy, SciPy and torch in its training. It cannot have seen
these: they were written in 2026, before any model was run on them, and have not been changed
since. Ten per topic, without the words that ``docstrings`` takes out. License: CC BY 4.0.
"""

from __future__ import annotations

import numpy as np

from tlbook.data.docstrings.places import TOPICS

SENTENCES: dict[str, tuple[str, ...]] = {
    "signal": (
        "Slides one series over another and sums the products at every lag.",
        "Turns a record of voltages over time into amplitudes per frequency.",
        "Tapers both ends of a block of samples so that its spectrum leaks less.",
        "Removes hum above a cutoff frequency without delaying the passband.",
        "Finds the peaks of a heartbeat recording that stand out by a given prominence.",
        "Splits a recording into overlapping blocks and shows how its pitches change over time.",
        "Resamples a sound from one rate to another after a low-pass filter.",
        "Recovers the time series from its complex amplitudes at evenly spaced frequencies.",
        "Designs the coefficients of a band-pass filter with a given number of taps.",
        "Adds jumps of a full turn where the phase angle has wrapped around.",
    ),
    "linear algebra": (
        "Factors a square matrix into a lower and an upper triangle, rows swapped where needed.",
        "Gives the vectors that a matrix only stretches, and by how much.",
        "Solves a system with more equations than unknowns so that the residual is smallest.",
        "Multiplies two stacks of matrices page by page.",
        "Tells how many columns of a table of numbers are independent.",
        "Builds an orthonormal basis of the column space by reflections.",
        "The length of a vector, or the largest stretch of a matrix.",
        "Raises a square matrix to a whole power by repeated squaring.",
        "Any matrix as the product of two rotations and one diagonal between them.",
        "Computes how far a system is from having no unique solution.",
    ),
    "optimization": (
        "Searches downhill along the gradient until the slope is almost flat.",
        "Lowers the step size by a factor after a number of rounds without progress.",
        "Finds where a scalar function crosses zero inside a bracket.",
        "Fits the parameters of a curve to measured points by least squares.",
        "Keeps a running average of past updates so that the next step has momentum.",
        "Finds the cheapest mix of ingredients under linear constraints.",
        "Assigns workers to jobs so that the total cost is smallest.",
        "Shrinks every weight a little at each step of training.",
        "Explores a cost surface with many valleys by a population of candidates.",
        "Updates parameters with a step that adapts to the size of recent gradients.",
    ),
    "random": (
        "Draws numbers between zero and one, all equally likely.",
        "Shuffles a list in place.",
        "Sets the seed so that the same draws come again.",
        "Chooses k items out of n without putting any back.",
        "The probability of a number of successes in n independent trials.",
        "Gives the density of a bell curve with a given mean and spread.",
        "Generates the waiting times between events that happen at a constant rate.",
        "Fills a unit cube with points that spread more evenly than independent draws.",
        "How surprised one is on average by an outcome of this distribution.",
        "Draws vectors whose entries are positive and sum to one.",
    ),
    "sparse": (
        "Stores only the entries that are not zero, with their row and column numbers.",
        "Adds up entries that are stored twice at the same position.",
        "Converts the compressed rows into an ordinary array with all zeros written out.",
        "Finds the shortest path between all pairs of nodes in a graph.",
        "Says how many values are kept explicitly.",
        "Drops stored values that happen to be zero.",
        "Keeps the few bands beside the diagonal and nothing else.",
        "Multiplies a matrix of mostly empty cells by a vector that is full.",
        "Groups the nodes of a graph into parts that are connected.",
        "The pointers that tell where each compressed row begins.",
    ),
    "special functions": (
        "The logarithm of the gamma function for positive numbers.",
        "The integral of a Gaussian from zero to x, scaled to end at one.",
        "Oscillating solutions of the wave equation on a drum, of the first kind.",
        "Extends factorials to numbers that are not whole.",
        "The derivative of the logarithm of the factorial, evaluated elementwise.",
        "Computes log(1 + x) accurately where x is tiny.",
        "Number of ways to choose k things out of n, also for large n.",
        "Incomplete elliptic integral that gives the arc length of an ellipse.",
        "Polynomials that are orthogonal on the interval from minus one to one.",
        "Sums the inverse powers of the whole numbers, as Riemann studied it.",
    ),
}


def fresh_sentences() -> tuple[np.ndarray, np.ndarray]:
    """Return texts (60,) and topics (60,); topic ``c`` is ``TOPICS[c]``."""
    texts = [text for topic in TOPICS for text in SENTENCES[topic]]
    topics = [c for c, topic in enumerate(TOPICS) for _ in SENTENCES[topic]]
    return np.array(texts, dtype=object), np.array(topics)
