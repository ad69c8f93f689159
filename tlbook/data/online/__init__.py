"""Public data sets and pretrained weights: downloaded once, checked, or put there by hand."""

from tlbook.data.online import registry
from tlbook.data.online.files import fetch
from tlbook.data.online.pretrained import PRETRAINED, have_weights, weights
from tlbook.data.online.remote import Offline, Remote, online_dir

__all__ = [
    "PRETRAINED",
    "Offline",
    "Remote",
    "fetch",
    "have_weights",
    "online_dir",
    "registry",
    "weights",
]
