"""Chapter 19: applications."""
