"""Chapter 16: choosing a source, a method and its settings."""
