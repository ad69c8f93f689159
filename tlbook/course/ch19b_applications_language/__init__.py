"""Chapter 19b: language, speech, medicine, pictures with names, a small complete study each."""
