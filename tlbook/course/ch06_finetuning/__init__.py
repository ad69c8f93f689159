"""Chapter 06, fine-tuning: what its notebook needs besides the library."""
