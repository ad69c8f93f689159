"""Chapter 09, the objective and its bounds: what its notebook needs besides the library."""
