"""Your own files: pictures in class folders, and tables of labeled texts."""

from tlbook.data.own.picture_list import list_pictures
from tlbook.data.own.text_list import list_texts

__all__ = ["list_pictures", "list_texts"]
