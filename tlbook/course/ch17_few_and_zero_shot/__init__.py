"""Chapter 17, few and zero shot: what its notebook needs besides the library."""
