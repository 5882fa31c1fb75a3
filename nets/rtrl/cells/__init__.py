"""Recurrent cells that linearise their own step, one a file."""
