"""Public data sets: downloaded once, checked, or put there by hand."""

from tlbook.data.online import registry
from tlbook.data.online.files import fetch
from tlbook.data.online.remote import Offline, Remote, online_dir

__all__ = [
    "Offline",
    "Remote",
    "fetch",
    "online_dir",
    "registry",
]
