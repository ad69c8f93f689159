"""Pretrained weights: the files that ship with the library, and those of others that are online."""
