"""The studies of chapter 05: one long run behind each stored result."""
