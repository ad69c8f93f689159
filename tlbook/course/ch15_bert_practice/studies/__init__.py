"""The studies of chapter 15: one long run behind each stored result."""
