"""Chapter 20: the clinic. The shift zoo and the toy shift for the report, and the crash ward."""
