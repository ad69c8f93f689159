"""The one switch of Keras: which library computes."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any

from tlbook._base.checks import check_choice, check_positive

BACKENDS = ("torch", "tensorflow", "jax")
VARIABLE = "KERAS_BACKEND"


def use(name: str | None = None, *, threads: int = 1) -> Any:
    """Return ``keras``, imported with the backend that was asked for.

    Keras reads the environment variable ``KERAS_BACKEND`` once, at its first import. So the switch
    is this: call ``use("jax")`` before anything imports keras, or set the variable in the shell.

    Parameters
    ----------
    name : {"torch", "tensorflow", "jax"}, optional
        By default what ``KERAS_BACKEND`` says, else ``"torch"``.
    threads : int
        Threads of PyTorch: small networks on a busy machine are fastest with one.

    Raises
    ------
    ValueError
        If the backend is unknown or not installed, or keras was imported with another one before.
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
    import keras

    _leave_streams_open()
    return keras


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
