"""The studies of chapter 19: one long run behind each stored result."""
