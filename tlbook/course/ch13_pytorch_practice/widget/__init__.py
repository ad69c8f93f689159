"""The experiment of chapter 13; what its file leaves to helpers begins with an underscore."""
