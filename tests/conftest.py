"""What all tests share: no network but loopback, and a cache folder of their own on request."""

import pytest
from pytest_socket import socket_allow_hosts

LOOPBACK = ["127.0.0.1", "localhost", "::1"]


@pytest.fixture(autouse=True)
def only_loopback():
    """Let no test reach another machine; pytest-socket lifts the restriction after each test."""
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture
def temporary_cache(tmp_path, monkeypatch):
    """Give the test an empty cache folder, so that it neither finds nor leaves rendered data."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("TLBOOK_CACHE", str(folder))
    return folder
