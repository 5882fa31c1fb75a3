"""Needle: 1 at the all-ones string, 0 elsewhere."""

from __future__ import annotations

from theory.problems.base import Problem


def level(k, n, data):
    """One at the optimum, zero on the plateau that is everything else."""
    return 1 if k == 0 else 0


class Needle(Problem):
    """Needle(x) = 1 if x is all ones, else 0: a search without any hint.

    >>> Needle().value([1, 1]), Needle().value([1, 0])
    (1, 0)
    """

    symmetric = True
    hooks = {"level": level}

    def value(self, x):
        return int(all(x))

    def value_range(self, n):
        return (0.0, 1.0)
