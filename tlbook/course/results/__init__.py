"""Stored results: small tables of long runs, guarded against being out of date."""
