"""Chapter 01, why transfer: what its notebook needs besides the library."""
