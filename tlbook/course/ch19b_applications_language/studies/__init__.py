"""The studies of chapter 19b: one long run behind each stored result."""
