"""OneMax: the number of one-bits. The hooks' defaults are its definition."""

from __future__ import annotations

from theory.problems.base import Problem


class OneMax(Problem):
    """OneMax(x) = x_1 + ... + x_n.

    >>> OneMax().value([1, 0, 1])
    2
    """

    strictly_monotone = True
    symmetric = True

    def value(self, x):
        return int(sum(int(bit) for bit in x))

    def value_range(self, n):
        return (0.0, float(n))
