"""Chapter 19b, applications: text, speech, medicine, pictures with names."""
