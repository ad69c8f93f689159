"""What a teacher hands out: a learner's copy of a chapter, and the key to it."""
