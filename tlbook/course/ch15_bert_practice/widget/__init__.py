"""The experiment of chapter 15; what its file leaves to helpers begins with an underscore."""
