"""The experiment of chapter 09; what its file leaves to helpers begins with an underscore."""
