"""Chapter 13, PyTorch in practice: what its notebook needs besides the library."""
