"""What all packages of the library share; nothing here is for users."""
