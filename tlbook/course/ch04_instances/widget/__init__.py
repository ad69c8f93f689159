"""The experiment of chapter 04; what its file leaves to helpers begins with an underscore."""
