"""Exact expected runtimes and runtime distributions."""

from theory.exact.errors import NoExactMethod
from theory.exact.matrices import full_transition_matrix, transition_matrix_by_zeros

__all__ = ["NoExactMethod", "full_transition_matrix", "transition_matrix_by_zeros"]
