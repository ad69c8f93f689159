"""A voice in twenty lines: pulses of the vocal folds, filtered by the resonances of the tract."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import lfilter, spectrogram

from tlbook._base.checks import check_array, check_positive

RATE = 10_000
"""Samples per second."""
BANDWIDTHS = (60.0, 90.0, 150.0, 200.0, 250.0)
"""Of the formants in Hz, of a usual size; the fourth and fifth formant are placed by the third."""
UPPER, LOWEST_F3 = (1.4, 1.8), 2400.0
"""F4 and F5 as multiples of F3, or of this where F3 is drawn down, as in "heard"."""
TILT = 0.97
"""Of the pulses: 12 decibels an octave, of which the mouth gives six back."""


def synthesize(
    pitch: float, formants: Any, seconds: float = 0.4, rate: int = RATE, seed: int | None = None
) -> np.ndarray:
    r"""Return a vowel by the source-filter model (源-滤波器模型), samples in [−1, 1].

    A pulse at every period of the voice, softened by a double real pole; then a resonance for each
    formant F with bandwidth B, in cascade:

    .. math:: H(z) = \prod_k \frac{1 - 2 r_k \cos\theta_k + r_k^2}
        {1 - 2 r_k \cos\theta_k\, z^{-1} + r_k^2 z^{-2}}, \qquad
        r = e^{-\pi B / f_s}, \quad \theta = 2 \pi F / f_s

    Parameters
    ----------
    pitch : float
        F0 in Hz.
    formants : three numbers
        F1, F2, F3 in Hz, below half of ``rate``.
    seconds, rate
        Length, and samples per second.
    seed : int, optional
        Of a little noise and of where the first pulse is; none by default.

    Returns
    -------
    array of shape (seconds · rate,), float32
        For ``IPython.display.Audio(samples, rate=rate)``.

    Raises
    ------
    ValueError
        If a frequency does not fit.

    References
    ----------
    Fant, Acoustic theory of speech production, 1960. Klatt, Software for a cascade/parallel formant
    synthesizer, Journal of the Acoustical Society of America 67, 1980.
    """
    F = check_array(formants, "formants", ndim=1, dtype=np.float64)
    if F.shape != (3,) or F.min() <= 0 or F.max() >= rate / 2:
        raise ValueError(f"formants: got {formants!r}, want three frequencies below {rate // 2} Hz")
    if check_positive(pitch, "pitch") >= rate / 2:
        raise ValueError(f"pitch: got {pitch!r}, want less than {rate // 2} Hz")
    n = round(check_positive(seconds, "seconds") * rate)
    rng = None if seed is None else np.random.default_rng(seed)
    start = 0.0 if rng is None else rng.random()
    turns = np.floor(start + np.arange(n + 1) * pitch / rate)
    sound = lfilter([1.0], [1.0, -2 * TILT, TILT**2], np.diff(turns))
    upper = max(F[2], LOWEST_F3) * np.array(UPPER)
    for f, b in zip([*F, *upper], BANDWIDTHS, strict=True):
        if f < rate / 2:
            r, angle = np.exp(-np.pi * b / rate), 2 * np.pi * f / rate
            a = [1.0, -2 * r * np.cos(angle), r * r]
            sound = lfilter([sum(a)], a, sound)
    sound = np.diff(sound, prepend=0.0)  # the mouth radiates changes
    if rng is not None:
        sound = sound + 0.01 * sound.std() * rng.normal(size=n)
    return (0.9 * sound / np.abs(sound).max()).astype(np.float32)


BINS, FRAMES = 128, 6
"""Of a spectrogram: 39 Hz each, and 13 ms each."""


def log_spectrogram(sound: np.ndarray) -> np.ndarray:
    """Return log power of shape (128, 6) of a tenth of a second, mean 0 and spread 1."""
    _, _, power = spectrogram(sound[-1000:], RATE, nperseg=256, noverlap=128, mode="psd")
    picture = np.log(power[1 : BINS + 1, :FRAMES] + 1e-12)
    return ((picture - picture.mean()) / picture.std()).astype(np.float32)


def pictures(X: np.ndarray, seed: int) -> np.ndarray:
    """Return the spectrograms of utterances, (n, 1, 128, 6), from rows of F0, F1, F2, F3, …."""
    seeds = np.random.default_rng(seed).integers(2**31, size=len(X))
    sounds = (
        synthesize(x[0], np.minimum(x[1:4], 4900), 0.15, seed=int(s))
        for x, s in zip(X, seeds, strict=True)
    )
    return np.stack([log_spectrogram(sound) for sound in sounds])[:, None]
