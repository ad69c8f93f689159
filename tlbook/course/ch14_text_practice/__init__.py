"""Chapter 14, text with scikit-learn: what its notebook needs besides the library."""
