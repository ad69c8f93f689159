"""The experiment of chapter 07; what its file leaves to helpers begins with an underscore."""
