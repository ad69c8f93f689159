"""The recipe mobilenet_v2 as a script: killed and resumed, on own data, with the real format."""

import json
import re
import shutil

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from tests.course.ch12_keras_practice.recipe_runs import kill_after, picture, run
from tlbook.course.ch12_keras_practice import keras_models
from tlbook.workshop import recipes

pytestmark = pytest.mark.slow

keras = keras_models.use()
EPOCHS = 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """One undisturbed run on the folder that the recipe draws: where it is, and what it said."""
    out = tmp_path_factory.mktemp("whole")
    code, said = run(recipes.write("mobilenet_v2", out, epochs=EPOCHS))
    assert code == 0, said
    return out, said


def test_a_killed_run_goes_on_to_the_same_end(whole, tmp_path):
    out, _ = whole
    path = recipes.write("mobilenet_v2", tmp_path, epochs=EPOCHS)
    kill_after(path, "tune epoch 1")
    code, said = run(path)
    assert code == 0, said
    assert "head epoch" not in said and "tune epoch 2" in said
    one, two = (keras.models.load_model(place / "model.keras") for place in (out, tmp_path))
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (out / "table.csv").read_text() == (tmp_path / "table.csv").read_text()
    code, again = run(path)  # a finished run trains nothing more
    assert code == 0 and "epoch" not in again


def test_the_saved_model_answers_the_same_in_another_process(whole):
    out, said = whole
    file, name, share = re.search(r"(\d+\.png): (.+) \((\d+)% sure\)", said).groups()
    file = next((out / "drawn").rglob(file))
    x = keras.utils.img_to_array(keras.utils.load_img(file, target_size=(48, 48)))
    p = keras.models.load_model(out / "model.keras").predict(x[None], verbose=0)[0]
    assert json.loads((out / "classes.json").read_text())[p.argmax()] == name
    assert f"{p.max():.0%}" == f"{share}%" and p.sum() == pytest.approx(1, abs=1e-5)


def test_what_was_drawn_is_looked_at(whole):
    out, said = whole
    assert "damaged: ['damaged.png" in said and "1 copies dropped" in said
    assert "precision" in said and "digit 9" in said
    card = (out / "README.md").read_text()
    assert "test accuracy" in card and "temperature" in card and "digit 0" in card


@pytest.fixture
def photos(tmp_path):
    """A folder with splits of its own; a test picture is in the training part as well."""
    rng = np.random.default_rng(0)
    for split, n in (("train", 10), ("val", 4), ("test", 4)):
        for kind, name in enumerate(("cross", "square")):
            place = tmp_path / "photos" / split / name
            place.mkdir(parents=True)
            for i in range(n):
                Image.fromarray(picture(rng, kind)).save(place / f"{i}.png")
    folder = tmp_path / "photos"
    shutil.copy(folder / "test/cross/0.png", folder / "train/cross/copy.png")
    return folder


def test_own_pictures_with_the_published_format_in_keras_own_folder(photos, tmp_path):
    from keras.src.legacy.saving import legacy_h5_format

    file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5"
    path = tmp_path / "home" / "models" / file
    path.parent.mkdir(parents=True)
    base = keras.applications.MobileNetV2((96, 96, 3), include_top=False, weights=None)
    with h5py.File(path, "w") as group:
        legacy_h5_format.save_weights_to_hdf5_group(group, base)
    options = {"data": photos, "weights": "imagenet", "size": 96, "epochs": 2}
    options["export"] = True
    script = recipes.write("mobilenet_v2", tmp_path / "out", **options)
    code, said = run(script, KERAS_HOME=str(tmp_path / "home"))
    assert code == 0, said
    assert "1 copies dropped" in said and "{'test': 8, 'train': 20, 'val': 8}" in said
    head = pd.read_csv(tmp_path / "out" / "head.csv")
    assert len(head) == 2 and np.isfinite(head.loss).all()
    model = keras.models.load_model(tmp_path / "out" / "model.keras")
    exported = torch.export.load(tmp_path / "out" / "model.pt2").module()
    x = np.random.default_rng(1).uniform(0, 255, (1, 96, 96, 3)).astype(np.float32)
    given = exported(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(given, model.predict(x, verbose=0), atol=1e-5)


def test_a_class_that_is_missing_is_named(photos, tmp_path):
    shutil.rmtree(photos / "val" / "cross")
    code, said = run(recipes.write("mobilenet_v2", tmp_path / "out", data=photos))
    assert code != 0 and "no class cross in val" in said
