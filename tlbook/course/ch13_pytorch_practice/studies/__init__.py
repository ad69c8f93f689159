"""The studies of chapter 13: one long run behind each stored result."""
