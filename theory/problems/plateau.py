"""Plateau: OneMax with a plateau of radius k around the optimum.

D. Antipov, B. Doerr, *Precise runtime analysis for plateau functions*, ACM TELO 1 (2021).
"""

from __future__ import annotations

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem, positive_integer


def level(k, n, data):
    """|x| outside of the plateau and at the optimum, n - radius on it; |x| = n - k."""
    radius = data[0, 0]
    return n - radius if 0 < k < radius else n - k


class Plateau(Problem):
    """Plateau of radius r: |x| if |x| <= n - r or |x| = n, otherwise n - r.

    Parameters
    ----------
    radius : int
        r, 1 <= r <= n; r = 1 is OneMax.

    Examples
    --------
    >>> [Plateau(2).value(x) for x in ([0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1])]
    [0, 1, 1, 3]
    """

    symmetric = True
    hooks = {"level": level}

    def __init__(self, radius: int) -> None:
        self.radius = positive_integer(radius, "radius")

    @property
    def key(self) -> str:
        return f"Plateau(radius={self.radius})"

    def check(self, n):
        if self.radius > n:
            raise InputError(f"radius: {self.radius} must be at most n = {n}")

    def data(self, n):
        return np.array([[self.radius]], dtype=np.int64)

    def value(self, x):
        n, ones = len(x), int(sum(int(bit) for bit in x))
        return ones if ones <= n - self.radius or ones == n else n - self.radius

    def value_range(self, n):
        return (0.0, float(n))
