"""What every part of the library rests on: checks of arguments, and the base of estimators."""
