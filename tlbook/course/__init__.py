"""The course: what the chapters need besides the library; may import the library only."""
