"""The studies of chapter 07: one long run behind each stored result."""
