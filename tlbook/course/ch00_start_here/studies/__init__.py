"""The studies of chapter 00: one long run behind each stored result."""
