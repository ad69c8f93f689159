"""Chapter 18, trust: what its notebook needs besides the library."""
