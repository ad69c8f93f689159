"""Stored results of long runs, and the guard that says whether they still belong to the code."""
