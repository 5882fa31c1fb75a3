"""Estimators of the influence matrix, one a file."""
