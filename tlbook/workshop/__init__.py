"""The workshop: set-up, commands, checks and runs of the project; may use library and course."""
