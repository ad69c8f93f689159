"""The experiment of chapter 02; what its file leaves to helpers begins with an underscore."""
