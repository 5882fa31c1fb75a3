"""The bounds of the catalogue: one file a problem (or family of problems), each a function from processes to bounds."""
