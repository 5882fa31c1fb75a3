"""Trap: OneMax turned around everywhere but at its optimum (Droste, Jansen, Wegener, TCS 276, 2002)."""

from __future__ import annotations

from theory.problems.base import Problem


def level(k, n, data):
    """The number k of zero-bits, and n + 1 at the optimum 1^n."""
    return n + 1 if k == 0 else k


class Trap(Problem):
    """Trap: the number of zero-bits, except at 1^n, whose fitness n + 1 is the largest.

    The usual form has its optimum at 0^n and counts one-bits; here as everywhere the optimum is 1^n in canonical form.

    Examples
    --------
    >>> [Trap().value(x) for x in ([0, 0], [0, 1], [1, 1])]
    [2, 1, 3]
    """

    symmetric = True
    hooks = {"level": level}

    def value(self, x):
        zeros = len(x) - int(sum(int(bit) for bit in x))
        return zeros if zeros else len(x) + 1

    def value_range(self, n):
        return (1.0, float(n + 1))
