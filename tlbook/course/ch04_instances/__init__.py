"""Chapter 04, instances: what its notebook needs besides the library."""
