"""The course: what the chapters need besides the library; it may import the library only."""
