"""The experiment of chapter 08; what its file leaves to helpers begins with an underscore."""
