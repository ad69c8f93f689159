"""The recipe vgg16 as a script of its own: with the stand-in, and with a file of weights."""

import re

import numpy as np
import pytest
from PIL import Image

from tests.course.ch12_keras_practice.recipe_runs import picture, run
from tlbook.course.ch12_keras_practice import keras_models
from tlbook.workshop import recipes

pytestmark = pytest.mark.slow

keras = keras_models.use()


def test_own_pictures_and_a_file_of_weights_give_a_model_that_is_loaded_again(tmp_path):
    rng = np.random.default_rng(1)
    for kind, name in enumerate(("cross", "square")):
        place = tmp_path / "photos" / name
        place.mkdir(parents=True)
        for i in range(10):
            Image.fromarray(picture(rng, kind)).save(place / f"{i}.png")
    keras.utils.set_random_seed(7)
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.save_weights(tmp_path / "vgg16.weights.h5")
    options = {"data": tmp_path / "photos", "weights": str(tmp_path / "vgg16.weights.h5")}
    code, said = run(recipes.write("vgg16", tmp_path / "out", size=32, epochs=4, **options))
    assert code == 0, said
    assert "12 to learn from, 4 to choose, 4 to test" in said

    model = keras.models.load_model(tmp_path / "out" / "model.keras")
    kept = next(w for w in model.get_weights() if w.shape == (3, 3, 3, 64))  # never trained
    wanted = base.get_layer("block1_conv1").kernel
    np.testing.assert_array_equal(kept, keras.ops.convert_to_numpy(wanted))
    share = int(re.search(r"\((\d+)% sure\)", said).group(1))
    assert 50 <= share <= 100  # of two classes


def test_the_two_heads_have_the_weights_that_the_chapter_names(tmp_path):
    code, said = run(recipes.write("vgg16", tmp_path, size=64, epochs=1))
    assert code == 0, said
    assert "20,490 weights" in said and "5,130 weights" in said
