"""The experiment of chapter 18."""
