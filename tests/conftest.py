"""What all tests share: no network but loopback, the same random numbers, a cache on request."""

import sys

import pytest
from pytest_socket import socket_allow_hosts

LOOPBACK = ["127.0.0.1", "localhost", "::1"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """Begin each test, its fixtures with it, at the same random numbers.

    The library draws from explicit seeds only; a network that a test builds by itself does not,
    and then an assertion could hold nineteen times and fail the twentieth.
    """
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(autouse=True)
def only_loopback():
    """Let no test reach another machine; pytest-socket lifts the restriction after each test."""
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(autouse=True)
def no_metadata_routing():
    """Undo what importing skada does: it switches metadata routing on for the whole process."""
    yield
    if "sklearn" in sys.modules:
        sys.modules["sklearn"].set_config(enable_metadata_routing=False)


@pytest.fixture
def temporary_cache(tmp_path, monkeypatch):
    """Give the test an empty cache folder, so that it neither finds nor leaves rendered data."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TLBOOK_CACHE", str(folder))
    return folder
