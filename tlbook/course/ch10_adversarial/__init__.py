"""Chapter 10, adversarial games: what its notebook needs besides the library."""
