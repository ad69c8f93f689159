"""The studies of chapter 09: one long run behind each stored result."""
