"""The long runs of chapter 18."""
