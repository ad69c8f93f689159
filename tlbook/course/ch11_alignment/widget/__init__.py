"""The experiment of chapter 11; what its file leaves to helpers begins with an underscore."""
