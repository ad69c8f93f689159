"""The experiment of chapter 17."""
