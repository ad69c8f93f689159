"""Chapter 07, relations: what its notebook needs besides the library."""
