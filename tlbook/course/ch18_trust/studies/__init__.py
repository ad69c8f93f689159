"""The studies of chapter 18: one long run behind each stored result."""
