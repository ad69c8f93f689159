"""The moving picture in the README is what its command makes."""

import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tlbook.course import chapters
from tlbook.workshop import animation

PATH = chapters.root() / animation.FILE


def test_the_readme_shows_it_with_words_for_it():
    shown = re.findall(
        r"!\[([^\]]*)\]\(docs/widget\.gif\)", (chapters.root() / "README.md").read_text()
    )
    assert len(shown) == 1 and len(shown[0]) > 60


def test_it_is_small_moves_and_comes_to_rest():
    assert PATH.stat().st_size < 400_000
    with Image.open(PATH) as picture:
        assert picture.info["loop"] == animation.LOOPS
        frames = [np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(picture)]
    assert len(frames) == len(animation.states())
    assert all((a != b).any() for a, b in pairwise(frames))


@pytest.mark.slow
def test_its_frames_are_the_widgets_own():
    planned = [state for state, _ in animation.states()]
    chosen = (0, 8, len(planned) - 1)
    with Image.open(PATH) as picture:
        frames = [np.asarray(f.convert("RGB"), int) for f in ImageSequence.Iterator(picture)]
    for i, made in zip(chosen, animation.frames([planned[i] for i in chosen]), strict=True):
        made = np.asarray(made.convert("RGB"), int)
        assert made.shape == frames[i].shape
        # Fewer colors are stored, and another version of matplotlib may smooth otherwise.
        assert abs(made - frames[i]).mean() < 3, f"frame {i}: `tlbook animate` makes another one"
