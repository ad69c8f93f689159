"""What every part of the library rests on: checks of arguments, extras, the public names."""
