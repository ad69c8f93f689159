"""The experiment of chapter 12; what its file leaves to helpers begins with an underscore."""
