"""The experiment of chapter 05; what its file leaves to helpers begins with an underscore."""
