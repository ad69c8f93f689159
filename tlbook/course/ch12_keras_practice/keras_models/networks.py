"""The frozen trunk of a Keras network, with weights whose origin is always said."""

from __future__ import annotations

from typing import Any

from tlbook._base.checks import check_choice, check_positive
from tlbook.course.ch12_keras_practice.keras_models.backend import use
from tlbook.course.ch12_keras_practice.keras_models.pixels import FAMILIES

WEIGHTS = ("auto", "imagenet", "embedded", "random")
ALPHA = 0.35  # of the embedded network
SIZES = {"embedded": 48, "imagenet": 224, "random": 48}


def base(
    name: str = "mobilenet_v2",
    weights: str = "auto",
    input_size: int | None = None,
    *,
    alpha: float | None = None,
    seed: int = 0,
) -> Any:
    """Return a network of ``keras.applications`` without its top, and say which weights it got.

    The base wants pixels as :func:`.pixels.preprocessing` makes them:
    MobileNetV2 in [-1, 1], VGG16 blue first minus the mean. It gives maps (n, h, w, channels).

    Parameters
    ----------
    name : {"mobilenet_v2", "vgg16"}
        Family of the network.
    weights : {"auto", "imagenet", "embedded", "random"}
        ``"imagenet"`` are the published ones (``tlbook.data.weights``), ``"embedded"`` those that
        ship with the project: MobileNetV2 (alpha 0.35), trained on 71 letters at 48 pixels. VGG16
        has none. ``"auto"`` takes the published ones if they are on this machine, else the
        embedded. ``"random"`` must be asked for.
    input_size : int, optional
        Side of the pictures in pixels, at least 32; by default 224 for ImageNet, else 48.
    alpha : float, optional
        Width of MobileNetV2; only with ``"random"``, weights come with their own.
    seed : int
        Of the random weights.

    Returns
    -------
    keras.Model

    Raises
    ------
    ValueError
        If a name or size is unfit, or there are no such weights: never random ones instead.
    """
    check_choice(name, "name", FAMILIES)
    check_choice(weights, "weights", WEIGHTS)
    if alpha is not None and weights != "random":
        raise ValueError(f"alpha: got {alpha} with weights={weights!r}, which have their own width")
    asked, weights = weights, _resolved(name, weights)
    size = SIZES[weights] if input_size is None else input_size
    if check_positive(size, "input_size", integer=True) < 32:
        raise ValueError(f"input_size: got {size}, want at least 32: the network halves it 5 times")
    model, words = _built(name, weights, size, alpha, seed)
    chosen = " (auto)" if asked == "auto" else ""
    print(f"{name}{chosen}: {words}, {size} × {size} pixels, {model.count_params():,} parameters")
    return model


def _resolved(name: str, weights: str) -> str:
    """Return which weights "auto" means here, or say that there are none."""
    from tlbook import data

    if weights == "auto":
        weights = "imagenet" if data.have_weights(name) else "embedded"
    if weights == "embedded" and name == "vgg16":
        raise ValueError(
            "weights: VGG16 has no embedded stand-in (its 14.7 million weights of the base are "
            "59 MB), and the ImageNet file is not on this machine. Give it with "
            "tlbook.data.weights('vgg16'), or ask for weights='random' to look at the architecture"
        )
    return weights


def _built(name: str, weights: str, size: int, alpha: float | None, seed: int) -> tuple[Any, str]:
    keras = use()
    shape = {"include_top": False, "input_shape": (size, size, 3)}
    if weights == "random":
        keras.utils.set_random_seed(seed)
    if weights == "imagenet":
        from tlbook import data

        path = str(data.weights(name))
        shape["weights"] = None
        model = _application(keras, name, 1.0)(**shape)
        model.load_weights(path)
        return model, "ImageNet weights"
    model = _application(keras, name, ALPHA if alpha is None else alpha)(weights=None, **shape)
    if weights == "random":
        return model, "RANDOM weights, nothing was learned"
    from tlbook.course.ch12_keras_practice.keras_models.carry import to_keras
    from tlbook.data.weight_files.shipped import load_weights

    to_keras(load_weights("mobilesigns"), model)
    return model, "embedded weights (mobilesigns: 71 letters on photographs)"


def _application(keras: Any, name: str, alpha: float) -> Any:
    if name == "vgg16":
        return keras.applications.VGG16
    return lambda **options: keras.applications.MobileNetV2(alpha=alpha, **options)
