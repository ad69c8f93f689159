"""Chapter 11, alignment: what its notebook needs besides the library."""
