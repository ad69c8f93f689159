"""The vowel space: its numbers, its story, the player, bad input."""

import base64
import io
import wave

import numpy as np
import pytest

from tlbook.course.ch19b_applications_language.widget.vowel_space import (
    ANSWERS,
    EXPERIMENT,
    NORMALIZATIONS,
    VowelView,
    audio_tag,
    compute,
)

START = EXPERIMENT.defaults()


def result(**changes):
    return compute(**(START | changes))


def test_the_story_of_the_chapter():
    right = {name: result(normalization=name).accuracy for name in NORMALIZATIONS}
    assert right["none"] < 0.75 < 0.85 < min(v for k, v in right.items() if k != "none")
    three = {name: result(normalization=name, heard=3).accuracy for name in NORMALIZATIONS}
    assert three["Lobanov"] < 0.5 and three["likeliest length"] > 0.85
    assert compute(**EXPERIMENT.parameters(**ANSWERS["(a) none"])).accuracy == right["none"]


def test_a_longer_tract_lowers_every_formant_and_not_the_pitch():
    long, short = result(length=1.3), result(length=0.7)
    assert (long.formants < result().formants).all() and (short.formants > long.formants).all()
    assert long.pitch == short.pitch == 136


def test_the_plane_shows_the_men_and_everybody_asked():
    r = result(heard=3)
    assert r.men.shape == (600, 3) and r.others.shape == (180, 3) and len(r.right) == 180


def test_the_player_holds_the_samples():
    r = result(voice="children", word="hod")
    tag = audio_tag(r.sound, "children, hod")
    data = base64.b64decode(tag.split("base64,")[1].split('"')[0])
    with wave.open(io.BytesIO(data)) as file:
        assert file.getframerate() == 10_000 and file.getnframes() == len(r.sound)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert samples / 32767 == pytest.approx(r.sound, abs=1e-4)
    assert 'aria-label="children, hod"' in tag


def test_the_live_view_loads_another_voice_when_a_control_moves():
    view = VowelView(EXPERIMENT, {})
    view.update()
    before = view.audio.value
    assert before.startswith("<audio")
    view.controls["word"].value = "hod"
    assert view.audio.value != before and "men, hod" in view.audio.value
    assert not view.message.value


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="length: got 2, want a number from 0.7 to 1.3"):
        EXPERIMENT.parameters(length=2)
    with pytest.raises(ValueError, match="normalization: got 'mel'"):
        EXPERIMENT.parameters(normalization="mel")
