"""The long runs of chapter 17."""
