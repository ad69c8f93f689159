"""A chapter as a talk: what goes on which slide, and one HTML file that shows it offline."""
