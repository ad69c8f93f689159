"""The experiment of chapter 00; what its file leaves to helpers begins with an underscore."""
