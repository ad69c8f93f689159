"""Data of the applications (chapter 19): vowels, cells, named pictures, scenes, roads."""
