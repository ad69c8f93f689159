"""Your own files: pictures in class folders, tables of labeled texts, sounds and what they say."""

from tlbook.data.own.picture_list import list_pictures, unreadable
from tlbook.data.own.sound_list import list_sounds
from tlbook.data.own.text_list import list_lines, list_texts

__all__ = ["list_lines", "list_pictures", "list_sounds", "list_texts", "unreadable"]
