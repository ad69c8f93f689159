"""Chapter 02, domains, tasks and shift: what its notebook needs besides the library."""
