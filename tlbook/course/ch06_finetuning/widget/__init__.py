"""The experiment of chapter 06; what its file leaves to helpers begins with an underscore."""
