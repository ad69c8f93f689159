"""Keras backend, pixels, embedded weights, freezing, and the PyTorch twin (one import)."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from tlbook import data
from tlbook.course.ch12_keras_practice import keras_models
from tlbook.course.ch12_keras_practice.keras_models import backend, carry, twin

pytestmark = pytest.mark.slow

keras = keras_models.use()


def mobilenet(size=48, **options):
    return keras.applications.MobileNetV2(
        input_shape=(size, size, 3), alpha=0.35, include_top=False, **options
    )


@pytest.fixture(scope="module")
def base():
    return mobilenet(weights=keras_models.embedded_file())


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


def test_another_device_is_refused_once_keras_computes(monkeypatch):
    from keras.src.backend.torch import core

    monkeypatch.setattr(core, "DEFAULT_DEVICE", "cuda")
    monkeypatch.setenv(backend.DEVICE, "")
    with pytest.raises(ValueError, match="device: got 'cpu', but keras computes on 'cuda'"):
        keras_models.use(device="cpu")
    with pytest.raises(ValueError, match="device: got 'tpu'"):
        keras_models.use(device="tpu")


# -- pixels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mobilenet_v2", "vgg16"])
def test_keras_own_pixels_are_part_of_a_model_that_is_saved_and_loaded(name, tmp_path):
    """What the chapter relies on: preprocess_input works on a symbolic tensor."""
    preprocess = getattr(keras.applications, name).preprocess_input
    inputs = keras.Input((4, 4, 3))
    keras.Model(inputs, preprocess(inputs)).save(tmp_path / "model.keras")
    x = np.random.default_rng(2).uniform(0, 255, (2, 4, 4, 3)).astype(np.float32)
    given = keras.models.load_model(tmp_path / "model.keras").predict(x, verbose=0)
    bgr = x[..., ::-1] - np.array([103.939, 116.779, 123.68])
    wanted = x / 127.5 - 1 if name == "mobilenet_v2" else bgr
    np.testing.assert_allclose(given, wanted, atol=1e-3)


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


# -- the embedded weights -----------------------------------------------------------------------


def test_the_embedded_file_is_written_once_and_read_by_keras(monkeypatch, tmp_path, base):
    monkeypatch.setenv("TLBOOK_CACHE", str(tmp_path))
    path = keras_models.embedded_file()
    written = os.stat(path).st_mtime_ns
    assert keras_models.embedded_file() == path and os.stat(path).st_mtime_ns == written
    again = mobilenet(weights=path)
    for a, b in zip(again.get_weights(), base.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


# -- twin -------------------------------------------------------------------------------------


def logits_of_keras(base, net, X):
    dense = keras.layers.Dense(71)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((24, 24, 3)),
            layers.Resizing(48, 48),
            layers.Rescaling(1 / 127.5, -1),
            base,
            layers.GlobalAveragePooling2D(),
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
    fresh = mobilenet(weights=None)
    keras_models.to_keras(state, fresh)
    for a, b in zip(fresh.get_weights(), base.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    net = twin.MobileNetV2()
    missing = net.load_state_dict(state, strict=False).missing_keys
    assert all("head" in key or "num_batches" in key for key in missing)


@pytest.mark.parametrize("size", [32, 48, 65])
def test_random_weights_agree_at_any_size(size):
    keras.utils.set_random_seed(size)
    trunk = mobilenet(size, weights=None)
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


def test_frozen_norms_hold_the_statistics_while_the_kernels_move(base):
    trunk = copy_of(base)
    trunk.trainable = True
    for layer in trunk.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    fitted(on_top(trunk), lr=0.1)
    statistics, kernels = moved(trunk, base)
    assert statistics == 0 and kernels > 0


def test_unfreezing_without_compile_is_an_error(base):
    trunk = copy_of(base)
    trunk.trainable = False
    model = fitted(on_top(trunk))
    trunk.trainable = True
    with pytest.raises(ValueError, match="Unknown variable"):
        model.fit(np.zeros((2, 48, 48, 3), np.float32), np.zeros(2, int), verbose=0)
