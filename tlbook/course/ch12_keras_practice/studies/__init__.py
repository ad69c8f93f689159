"""The studies of chapter 12: one long run behind each stored result."""
