"""The studies of chapter 16: one long run behind each stored result."""
