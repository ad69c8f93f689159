"""The studies of chapter 14: one long run behind each stored result."""
