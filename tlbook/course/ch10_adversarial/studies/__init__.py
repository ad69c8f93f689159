"""The studies of chapter 10: one long run behind each stored result."""
