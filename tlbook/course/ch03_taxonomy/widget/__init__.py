"""The experiment of chapter 03; what its file leaves to helpers begins with an underscore."""
