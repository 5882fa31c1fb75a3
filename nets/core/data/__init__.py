"""Data sets that need no download: embedded defaults, and real sets from a folder that the user names."""
