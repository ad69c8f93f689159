"""Chapter 08, distances: what its notebook needs besides the library."""
