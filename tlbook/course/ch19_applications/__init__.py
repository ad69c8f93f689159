"""Chapter 19, applications: what its notebooks need besides the library."""
