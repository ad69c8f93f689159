"""The experiment of chapter 20; what its file leaves to helpers begins with an underscore."""
