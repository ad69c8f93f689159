"""Chapter 19a: vision and driving, a small complete study each."""
