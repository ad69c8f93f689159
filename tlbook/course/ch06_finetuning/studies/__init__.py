"""The studies of chapter 06: one long run behind each stored result."""
