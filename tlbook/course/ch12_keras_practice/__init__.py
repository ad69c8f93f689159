"""Chapter 12, transfer in Keras: what its notebook needs besides the library."""
