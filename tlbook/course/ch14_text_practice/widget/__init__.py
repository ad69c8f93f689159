"""The experiment of chapter 14; what its file leaves to helpers begins with an underscore."""
