"""The one switch of Keras: which library computes."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any

from tlbook._base.checks import check_choice, check_positive

BACKENDS = ("torch", "tensorflow", "jax")
VARIABLE = "KERAS_BACKEND"
DEVICE = "KERAS_TORCH_DEVICE"


def use(name: str | None = None, *, device: str = "auto", threads: int = 1) -> Any:
    """Return ``keras``, imported with the backend that was asked for.

    Keras reads the environment variable ``KERAS_BACKEND`` once, at its first import. So the switch
    is this: call ``use("jax")`` before anything imports keras, or set the variable in the shell.

    Parameters
    ----------
    name : {"torch", "tensorflow", "jax"}, optional
        By default what ``KERAS_BACKEND`` says, else ``"torch"``.
    device : str
        Where PyTorch computes: "cpu", "cuda", "cuda:1", "mps". With "auto" Keras takes a GPU if it
        finds one. Read at the first import as well.
    threads : int
        Threads of PyTorch: small networks on a busy machine are fastest with one.

    Raises
    ------
    ValueError
        If the backend is unknown or not installed, the device is not there, or keras was imported
        with another backend or device before.
    """
    check_positive(threads, "threads", integer=True)
    if name is None:
        name = current() or os.environ.get(VARIABLE) or "torch"
    check_choice(name, "name", BACKENDS)
    before = current()
    if before not in (None, name):
        raise ValueError(
            f"name: got {name!r}, but keras runs on {before!r} already and cannot change: "
            f"start a new kernel and set {VARIABLE}={name} before the first import"
        )
    if importlib.util.find_spec(name) is None:
        raise ValueError(f"name: got {name!r}, which is not installed: pip install {name}")
    os.environ[VARIABLE] = name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow greets at length
    if name == "torch":
        import torch

        torch.set_num_threads(threads)
        if device != "auto":
            _choose(device, before is not None)
    import keras

    _leave_streams_open()
    return keras


def _choose(device: str, imported: bool) -> None:
    """Set the device of Keras's torch backend, or say that it is too late."""
    from tlbook.training.device import choose_device

    chosen = str(choose_device(device))
    if imported:
        from keras.src.backend.torch.core import DEFAULT_DEVICE

        if chosen != DEFAULT_DEVICE:
            raise ValueError(
                f"device: got {device!r}, but keras computes on {DEFAULT_DEVICE!r} already: "
                f"start a new kernel and set {DEVICE}={device} before the first import"
            )
    os.environ[DEVICE] = chosen


def _leave_streams_open() -> None:
    """Keep keras's logger from closing a stream that was ``sys.stderr`` when keras was imported.

    absl's handler closes its stream whenever somebody sets up logging anew, unless it is the
    present ``sys.stderr``; in a test or a redirected cell it is not.
    """
    absl_logging = sys.modules.get("absl.logging")
    if absl_logging is not None and sys.__stderr__ is not None:
        absl_logging.get_absl_handler().python_handler.setStream(sys.__stderr__)


def current() -> str | None:
    """Return the backend of the keras that is imported, None before that."""
    keras = sys.modules.get("keras")
    return None if keras is None else keras.backend.backend()
