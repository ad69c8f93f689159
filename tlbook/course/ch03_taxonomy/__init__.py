"""Chapter 03, which kind of transfer it is: what its notebook needs besides the library."""
