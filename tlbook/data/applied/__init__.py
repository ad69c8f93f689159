"""Data of the applications: vowels, cells from two clinics, pictures with names (chapter 19)."""
