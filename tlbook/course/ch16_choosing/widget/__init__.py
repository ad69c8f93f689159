"""The experiment of chapter 16; what its file leaves to helpers begins with an underscore."""
