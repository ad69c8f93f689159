"""The topic lens: what it shows of a sentence is what vectorizer and classifiers make of it."""

import numpy as np
import pytest

from tlbook.course import widgets
from tlbook.course.ch14_text_practice.fresh import fresh_sentences
from tlbook.course.ch14_text_practice.widget import _lens as lens

pytestmark = pytest.mark.slow  # the source has to be embedded once

EXPERIMENT = widgets.get("topic_lens")


def result(text, **params):
    return lens.compute(**EXPERIMENT.parameters(text=text, **params))


def test_words_are_those_of_the_vectorizer():
    shown = result("The eigenvalues of a matrix and a quokka")
    vocabulary = lens._trained("all")["words"].vocabulary_
    weight = {word.text: word.weight for word in shown.words}
    assert set(weight) == {"eigenvalues", "matrix", "quokka"}
    assert weight["quokka"] is None and "quokka" not in vocabulary
    assert weight["eigenvalues"] > weight["matrix"] > 0
    assert np.linalg.norm([w for w in weight.values() if w]) == pytest.approx(1)
    assert set(shown.left_out) == {"the", "of", "and"}


def test_a_source_text_is_its_own_nearest_neighbor():
    text = str(lens._task().source.X[5])
    shown = result(text[:300])
    for found in shown.nearest.values():
        assert found[0][0] == pytest.approx(1, abs=0.05) and found[0][2] == text
        cosines = [cosine for cosine, _, _ in found]
        assert cosines == sorted(cosines, reverse=True)


def test_probabilities_sum_to_one_and_follow_the_sentence():
    topics = lens._task().classes
    shown = result("Multiplies two matrices and inverts the product matrix.")
    for P in shown.chances.values():
        assert P.sum() == pytest.approx(1)
        assert topics[P.argmax()] == "linear algebra"


@pytest.mark.parametrize("text", ["", "quokka wombat", "the of and", "!!! ??", "x"])
def test_nothing_to_see_is_a_picture_and_no_error(text):
    shown = result(text)
    assert shown.chances["TF-IDF"] is None
    assert (shown.chances["embeddings"] is None) == (text == "")
    assert shown.nearest["TF-IDF"] == ()
    words = EXPERIMENT.figure(text=text).alt
    assert words.startswith("Nothing typed yet" if not text else "TF-IDF knows none")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "text", ["把一个矩阵分解", "the cost in $ and the x_$2", "naïve 🙂 matrix"]
)
def test_any_character_can_be_drawn(text):
    assert EXPERIMENT.render(text=text).startswith(b"\x89PNG")


def test_of_one_lens_twice_as_many_neighbors():
    one, both = result("a window", neighbors="TF-IDF"), result("a window")
    assert len(one.nearest["TF-IDF"]) == 6 and len(both.nearest["TF-IDF"]) == 3
    assert one.nearest["TF-IDF"][:3] == both.nearest["TF-IDF"]


def test_fewer_labels_mean_fewer_texts_and_words():
    few, everything = result("a window", budget=5), result("a window")
    assert few.n_source == 30 and everything.n_source == len(lens._task().source.X)
    with pytest.raises(ValueError, match="budget"):
        result("a window", budget=7)


def test_picked_sentences_replace_what_was_typed():
    for pick, sentence in lens.PICKS.items():
        assert result("typed", pick=pick).text == sentence
    assert set(lens.PICKS.values()) & set(fresh_sentences()[0]) == {lens.PICKS["about a bell"]}


@pytest.mark.parametrize("text", [end for c in EXPERIMENT.controls[:1] for end in c.ends()])
def test_no_text_leaves_the_picture(text):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    for params in ({}, {"neighbors": "embeddings"}, {"budget": 5}):
        fig = EXPERIMENT.figure(text=text, **params)
        canvas = FigureCanvasAgg(fig)
        canvas.draw()
        size = fig.bbox
        artists = [t for ax in fig.axes for t in (*ax.texts, ax.title, ax.xaxis.label)]
        for artist in (*artists, *fig.texts):
            box = artist.get_window_extent(canvas.get_renderer())
            if artist.get_text():
                assert box.x0 >= -1 and box.x1 <= size.x1 + 1, artist.get_text()
                assert box.y0 >= -1 and box.y1 <= size.y1 + 1, artist.get_text()
