"""The studies of chapter 11: one long run behind each stored result."""
