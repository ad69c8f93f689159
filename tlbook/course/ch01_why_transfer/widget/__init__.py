"""The experiment of chapter 01; what its file leaves to helpers begins with an underscore."""
