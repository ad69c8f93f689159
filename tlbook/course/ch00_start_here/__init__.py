"""Chapter 00, start here: what its notebook needs besides the library."""
