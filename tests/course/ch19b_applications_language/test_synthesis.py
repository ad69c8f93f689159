"""The synthetic voice: pitch and resonances where they were asked for, bad input."""

import numpy as np
import pytest
from scipy.signal import periodogram

from tlbook.course.ch19b_applications_language.recognizer import VowelNet, spoken
from tlbook.course.ch19b_applications_language.synthesis import (
    BANDWIDTHS,
    RATE,
    log_spectrogram,
    pictures,
    synthesize,
)


def test_length_range_and_repetition():
    sound = synthesize(120, (730, 1090, 2440), 0.3)
    assert sound.shape == (3000,) and sound.dtype == np.float32
    assert 0.8 < np.abs(sound).max() <= 0.91
    assert np.array_equal(sound, synthesize(120, (730, 1090, 2440), 0.3))
    assert not np.array_equal(synthesize(120, (730, 1090, 2440), seed=1),
                              synthesize(120, (730, 1090, 2440), seed=2))  # fmt: skip


@pytest.mark.parametrize("pitch", [100, 220])
def test_the_pitch_is_that_of_the_strongest_period(pitch):
    sound = synthesize(pitch, (500, 1500, 2500), 0.5)[1000:].astype(float)
    similarity = np.correlate(sound, sound, "full")[len(sound) - 1 :]
    first, last = RATE // 400, int(1.5 * RATE / pitch)  # two periods are as alike as one
    period = first + similarity[first:last].argmax()
    assert RATE / period == pytest.approx(pitch, rel=0.03)


def test_energy_gathers_at_the_formants():
    formants = (500, 1500, 2500)
    f, power = periodogram(synthesize(100, formants, 1.0)[2000:], RATE)
    near = lambda at: power[abs(f - at) < 120].max()  # noqa: E731
    for low, high in ((500, 1000), (1500, 1000), (1500, 2000), (2500, 2000)):
        assert near(low) > 5 * near(high)
    assert len(BANDWIDTHS) == 5


def test_a_shorter_tract_moves_the_spectrogram_up():
    low, high = (
        log_spectrogram(synthesize(150, np.array([500, 1500, 2500]) * a)) for a in (1, 1.3)
    )
    center = lambda P: (np.exp(P).sum(axis=1) * np.arange(128)).sum() / np.exp(P).sum()  # noqa: E731
    assert low.shape == (128, 6) and center(high) > 1.1 * center(low)


def test_pictures_and_copies_feed_the_network():
    X = np.array([[120, 500, 1500, 2500, 0], [250, 600, 1800, 3000, 1]], float)
    P = pictures(X, 0)
    assert P.shape == (2, 1, 128, 6) and np.isfinite(P).all()
    many = spoken(X, np.random.default_rng(0), pitch=True, length=True)
    assert many.shape == (6, 1, 128, 6)
    import torch

    assert VowelNet()(torch.as_tensor(many)).shape == (6, 10)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((120, (500, 1500)), "formants: got"),
        ((120, (500, 1500, 6000)), "formants: got"),
        ((0, (500, 1500, 2500)), "pitch: got 0"),
        ((6000, (500, 1500, 2500)), "pitch: got 6000"),
        ((120, (500, 1500, 2500), -1), "seconds: got -1"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthesize(*arguments)
