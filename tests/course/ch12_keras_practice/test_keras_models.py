"""Keras base, pixels, freezing, cached features, and the PyTorch twin (one import of keras)."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
import torch

from tlbook import data
from tlbook.course.ch12_keras_practice import keras_models
from tlbook.course.ch12_keras_practice.keras_models import backend, carry, twin

pytestmark = pytest.mark.slow

keras = keras_models.use()


@pytest.fixture(scope="module")
def base():
    return keras_models.base("mobilenet_v2", weights="embedded")


@pytest.fixture(scope="module")
def signs():
    validation = data.load("signs", seed=100).validation
    return validation.X[:64], validation.y[:64]


def copy_of(base):
    trunk = keras.models.clone_model(base)
    trunk.set_weights(base.get_weights())
    return trunk


def on_top(trunk, **call):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((48, 48, 3))
    z = keras.layers.GlobalAveragePooling2D()(trunk(inputs, **call))
    return keras.Model(inputs, keras.layers.Dense(3)(z))


def fitted(model, lr=1e-3):
    X = np.random.default_rng(0).uniform(-1, 1, (8, 48, 48, 3)).astype(np.float32)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(lr), loss)
    model.fit(X, np.arange(8) % 3, epochs=1, verbose=0)
    return model


# -- backend ----------------------------------------------------------------------------------


def test_its_logger_closes_no_stream_that_is_not_its_own():
    """Setting up logging closes old handlers; absl's would close what sys.stderr once was."""
    code = """
import io, logging, sys
real, sys.stderr = sys.stderr, io.StringIO()
from tlbook.course.ch12_keras_practice import keras_models
keras_models.use()
redirected, sys.stderr = sys.stderr, real
logging.shutdown()
print("closed" if redirected.closed else "open")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "open"


def test_the_backend_cannot_be_changed_once_keras_is_imported():
    with pytest.raises(ValueError, match="name: got 'jax', but keras runs on 'torch' already"):
        keras_models.use("jax")
    assert keras_models.use("torch") is keras and keras_models.current() == "torch"


@pytest.mark.parametrize("name", ["cntk", ""])
def test_an_unknown_backend_is_named(name):
    with pytest.raises(ValueError, match="want one of 'torch', 'tensorflow', 'jax'"):
        keras_models.use(name)


def test_a_backend_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(backend, "current", lambda: None)
    monkeypatch.setattr(backend.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv(backend.VARIABLE, "tensorflow")
    with pytest.raises(ValueError, match="'tensorflow', which is not installed"):
        keras_models.use()


def test_the_package_imports_nothing_heavy():
    package = "tlbook.course.ch12_keras_practice.keras_models"
    code = f"import sys, {package}; assert not {{'keras', 'torch'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_of_the_package_exists():
    assert all(callable(getattr(keras_models, name)) for name in keras_models.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = keras_models.nothing


# -- pixels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mobilenet_v2", "vgg16"])
@pytest.mark.parametrize("pixels", [1.0, 255.0])
def test_pixels_are_those_of_keras_own_function(name, pixels):
    x = np.random.default_rng(1).uniform(0, 255, (2, 5, 4, 3)).astype(np.float32)
    wanted = getattr(keras.applications, name).preprocess_input(x.copy())
    layer = keras_models.preprocessing(name, pixels=pixels)
    given = keras.ops.convert_to_numpy(layer(x * (pixels / 255)))
    np.testing.assert_allclose(given, wanted, atol=1e-3)


def test_a_model_with_vgg_pixels_is_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 3)), keras_models.preprocessing("vgg16")])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(2).uniform(0, 255, (2, 4, 4, 3)).astype(np.float32)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_pictures_turn_the_axes_and_scale():
    X = np.random.default_rng(3).random((2, 3, 4, 5), dtype=np.float32)
    out = keras_models.pictures(X)
    assert out.shape == (2, 4, 5, 3) and out[1, 2, 3, 0] == pytest.approx(255 * X[1, 0, 2, 3])


@pytest.mark.parametrize(
    ("X", "match"),
    [
        (np.zeros((2, 1, 4, 4)), "want \\(n, 3"),
        (np.full((1, 3, 4, 4), 200.0), "want \\[0, 1\\]"),
        (np.full((1, 3, 4, 4), np.nan), "NaN"),
        (np.zeros((0, 3, 4, 4)), "got 0 rows"),
        (np.zeros((3, 4, 4)), "4-dimensional"),
    ],
)
def test_unfit_pictures_are_refused(X, match):
    with pytest.raises(ValueError, match=match):
        keras_models.pictures(X)


@pytest.mark.parametrize("bad", [{"name": "resnet"}, {"pixels": 0}, {"size": 1.5}])
def test_unfit_preprocessing_is_refused(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad))}: got"):
        keras_models.preprocessing(**bad)


# -- base -------------------------------------------------------------------------------------


def test_the_embedded_base_says_what_it_is(capsys):
    keras_models.base(weights="embedded")
    assert "embedded weights (mobilesigns" in capsys.readouterr().out


def test_auto_takes_the_embedded_weights_where_there_are_no_others(monkeypatch, capsys, base):
    monkeypatch.setattr(data, "have_weights", lambda name: False)
    auto = keras_models.base()
    assert "(auto): embedded" in capsys.readouterr().out
    for a, b in zip(auto.get_weights(), base.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_auto_takes_the_published_weights_where_they_are(monkeypatch, capsys, tmp_path):
    """A file in Keras's own format, made here: every weight of it has to arrive."""
    from keras.src.legacy.saving import legacy_h5_format

    source = keras.applications.MobileNetV2(
        weights=None, include_top=False, input_shape=(32, 32, 3)
    )
    path = tmp_path / "mobilenet_v2_no_top.h5"
    with h5py.File(path, "w") as file:  # the format of the published files
        legacy_h5_format.save_weights_to_hdf5_group(file, source)
    monkeypatch.setattr(data, "have_weights", lambda name: True)
    monkeypatch.setattr(data, "weights", lambda name: path)
    model = keras_models.base(input_size=32)
    assert "(auto): ImageNet weights" in capsys.readouterr().out
    for a, b in zip(model.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_vgg_is_never_silently_random(monkeypatch):
    monkeypatch.setattr(data, "have_weights", lambda name: False)
    for asked in ("auto", "embedded"):
        with pytest.raises(ValueError, match="no embedded stand-in.*weights='random'"):
            keras_models.base("vgg16", weights=asked)


def test_random_weights_are_announced_and_seeded(capsys):
    one, two = (
        keras_models.base(weights="random", alpha=0.35, input_size=32, seed=s) for s in (1, 1)
    )
    assert "RANDOM" in capsys.readouterr().out
    assert all(map(np.array_equal, one.get_weights(), two.get_weights()))


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        ({"name": "resnet50"}, "name: got"),
        ({"weights": "imagenette"}, "weights: got"),
        ({"weights": "embedded", "input_size": 24}, "at least 32"),
        ({"weights": "embedded", "alpha": 0.5}, "their own width"),
    ],
)
def test_an_unfit_base_is_refused(bad, match):
    with pytest.raises(ValueError, match=match):
        keras_models.base(**bad)


# -- twin -------------------------------------------------------------------------------------


def logits_of_keras(base, net, X):
    dense = keras.layers.Dense(71)
    model = keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            keras_models.preprocessing(size=48),
            keras_models.pooled(base),
            dense,
        ]
    )
    keras_models.head_to_keras(net.head, dense)
    return model.predict(keras_models.pictures(X), verbose=0)


def test_keras_and_the_twin_give_the_same_logits(base, signs):
    X, y = signs
    net = keras_models.mobilesigns()
    with torch.inference_mode():
        out = net(torch.from_numpy(X)).numpy()
    gap = np.abs(logits_of_keras(base, net, X) - out).max()
    assert gap < 1e-5 * np.abs(out).max()
    assert (out.argmax(1) == y).mean() > 0.8


def test_weights_go_to_torch_and_back(base):
    state = keras_models.to_torch(base)
    fresh = keras_models.base(weights="random", input_size=48, seed=5)
    keras_models.to_keras(state, fresh)
    for a, b in zip(fresh.get_weights(), base.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    net = twin.MobileNetV2()
    missing = net.load_state_dict(state, strict=False).missing_keys
    assert all("head" in key or "num_batches" in key for key in missing)


@pytest.mark.parametrize("size", [32, 48, 65])
def test_random_weights_agree_at_any_size(size):
    trunk = keras_models.base(weights="random", input_size=size, seed=size)
    net = twin.MobileNetV2(size=size)
    net.load_state_dict(keras_models.to_torch(trunk), strict=False)
    x = np.random.default_rng(size).random((2, 3, size, size), dtype=np.float32)
    with torch.inference_mode():
        maps = net.eval().maps(torch.from_numpy(x)).numpy()
    wanted = trunk.predict(2 * x.transpose(0, 2, 3, 1) - 1, verbose=0)
    np.testing.assert_allclose(maps.transpose(0, 2, 3, 1), wanted, atol=1e-5)


def test_the_other_convention_is_torchvisions_network(signs):
    """Independent check: torchvision's own MobileNetV2, its tensors filled in order."""
    from torchvision.models import mobilenet_v2

    net = keras_models.mobilesigns("torchvision")
    theirs = mobilenet_v2(width_mult=0.35, num_classes=71).eval()
    ours = [v for k, v in net.state_dict().items() if not k.startswith("head")]
    names = [k for k in theirs.state_dict() if k.startswith("features")]
    theirs.load_state_dict(
        {
            **dict(zip(names, ours, strict=True)),
            "classifier.1.weight": net.head.weight,
            "classifier.1.bias": net.head.bias,
        }
    )
    x = torch.from_numpy(signs[0])
    with torch.inference_mode():
        torch.testing.assert_close(theirs(net.prepare(x)), net(x), atol=1e-4, rtol=1e-4)
        right = (net(x).argmax(1).numpy() == signs[1]).mean()
    assert right < 0.1  # with weights of the other convention


def test_stages_run_in_pieces_give_the_whole():
    net = keras_models.mobilesigns()
    x = torch.rand(2, 3, 24, 24)
    with torch.inference_mode():
        ready = net.prepare(x)
        for cut in (0, 7, len(net.stages)):
            torch.testing.assert_close(net.run(net.run(ready, 0, cut), cut), net.maps(x))


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "want"),
    [(48, 3, 2, (0, 1)), (3, 3, 2, (1, 1)), (24, 3, 1, (1, 1)), (5, 1, 2, (0, 0))],
)
def test_padding(n, kernel, stride, want):
    assert twin.same_padding(n, kernel, stride) == want


def test_unfit_twins_and_states_are_refused(base):
    with pytest.raises(ValueError, match="convention: got 'caffe'"):
        twin.MobileNetV2(convention="caffe")
    with pytest.raises(ValueError, match="x: got shape"):
        twin.MobileNetV2().features(torch.zeros(2, 1, 24, 24))
    state = keras_models.to_torch(base)
    with pytest.raises(ValueError, match="do not match"):
        carry.to_keras({k: v for k, v in state.items() if ".Conv1." not in k}, base)
    with pytest.raises(ValueError, match="Conv1 has shape"):
        wide = {**state, "layers.Conv1.weight": torch.zeros(8, 3, 3, 3)}
        carry.to_keras(wide, copy_of(base))


# -- freezing ---------------------------------------------------------------------------------


def moved(trunk, base):
    kernels = [
        np.abs(a - b).max()
        for a, b in zip(trunk.get_weights(), base.get_weights(), strict=True)
        if a.ndim > 1
    ]
    gap = keras_models.statistics(trunk) - keras_models.statistics(base)
    return np.abs(gap).max(), max(kernels)


def test_a_frozen_base_does_not_move(base):
    trunk = copy_of(base)
    trunk.trainable = False
    fitted(on_top(trunk))
    assert moved(trunk, base) == (0, 0)


def test_training_false_at_the_call_does_not_hold_the_statistics(base):
    """What the chapter says of Keras 3; if it changes, the chapter has to."""
    found = []
    for call in ({}, {"training": False}):
        trunk = copy_of(base)
        trunk.trainable = True
        fitted(on_top(trunk, **call))
        found.append(moved(trunk, base))
    assert found[0][0] > 1e-4
    assert found[1] == pytest.approx(found[0])


def test_train_from_frees_the_upper_part_and_holds_the_statistics(base):
    trunk = copy_of(base)
    free = keras_models.train_from(trunk, "block_13_expand")
    assert 0 < free < 0.9 * base.count_params()
    fitted(on_top(trunk), lr=0.1)
    pairs = zip(trunk.layers, base.layers, strict=True)
    changed = [
        layer.name
        for layer, old in pairs
        if any(
            not np.array_equal(a, b)
            for a, b in zip(layer.get_weights(), old.get_weights(), strict=True)
        )
    ]
    first = [layer.name for layer in base.layers].index("block_13_expand")
    below = {layer.name for layer in base.layers[:first]}
    assert "block_13_expand" in changed and "Conv_1" in changed
    assert not below & set(changed) and not any("BN" in name for name in changed)
    with pytest.raises(ValueError, match="layer: got 'block_99'"):
        keras_models.train_from(trunk, "block_99")


def test_unfreezing_without_compile_is_an_error(base):
    trunk = copy_of(base)
    trunk.trainable = False
    model = fitted(on_top(trunk))
    trunk.trainable = True
    with pytest.raises(ValueError, match="Unknown variable"):
        model.fit(np.zeros((2, 48, 48, 3), np.float32), np.zeros(2, int), verbose=0)


# -- cached features --------------------------------------------------------------------------


def test_a_head_on_cached_features_makes_the_same_steps(base, signs):
    """The random start of the head and the order of the batches are the same, so the result is."""
    X, y = keras_models.pictures(signs[0][:32]), signs[1][:32] % 10
    body = keras_models.pooled(base, keras_models.preprocessing(size=48))
    body.trainable = False
    Z = keras_models.cached_features(body, X)
    heads = []
    for inputs, first in ((Z, ()), (X, (body,))):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([*first, keras.layers.Dense(10, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(inputs, y, batch_size=8, epochs=2, verbose=0)
        heads.append(model.layers[-1].get_weights()[0])
    np.testing.assert_allclose(heads[0], heads[1], atol=1e-4)


def test_a_base_is_cut_after_any_layer(base):
    body = keras_models.pooled(base, layer="block_5_add")
    x = np.random.default_rng(4).uniform(-1, 1, (2, 48, 48, 3)).astype(np.float32)
    inner = keras.Model(base.input, base.get_layer("block_5_add").output).predict(x, verbose=0)
    np.testing.assert_allclose(
        keras_models.cached_features(body, x), inner.mean(axis=(1, 2)), atol=1e-5
    )
    with pytest.raises(ValueError, match="layer: got 'top'"):
        keras_models.pooled(base, layer="top")


def test_unfit_rows_and_maps_are_refused(base):
    with pytest.raises(ValueError, match="gives maps"):
        keras_models.cached_features(base, np.zeros((1, 48, 48, 3), np.float32))
    body = keras_models.pooled(base)
    with pytest.raises(ValueError, match="NaN"):
        keras_models.cached_features(body, np.full((1, 48, 48, 3), np.nan))
    with pytest.raises(ValueError, match="batch_size"):
        keras_models.cached_features(body, np.zeros((1, 48, 48, 3)), batch_size=0)
