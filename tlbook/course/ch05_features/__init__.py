"""Chapter 05, features: what its notebook needs besides the library."""
