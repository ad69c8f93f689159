"""The experiment of chapter 19b; what a file leaves to helpers begins with an underscore."""
