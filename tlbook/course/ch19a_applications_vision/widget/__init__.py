"""The experiments of chapter 19; what a file leaves to helpers begins with an underscore."""
