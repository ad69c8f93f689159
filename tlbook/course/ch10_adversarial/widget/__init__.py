"""The experiment of chapter 10; what its file leaves to helpers begins with an underscore."""
