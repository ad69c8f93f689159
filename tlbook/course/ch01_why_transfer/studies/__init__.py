"""The studies of chapter 01: one long run behind each stored result."""
