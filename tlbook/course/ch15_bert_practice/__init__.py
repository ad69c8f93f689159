"""Chapter 15, BERT in practice: what its notebook needs besides the library."""
