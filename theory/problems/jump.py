"""Jump: OneMax with a valley of width ``gap`` before the optimum (Droste, Jansen, Wegener, TCS 276, 2002)."""

from __future__ import annotations

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem, positive_integer


def level(k, n, data):
    """gap + |x| on the slope and at the optimum, n - |x| in the valley; |x| = n - k."""
    gap = data[0, 0]
    return gap + n - k if k >= gap or k == 0 else k


class Jump(Problem):
    """Jump with gap m: m + |x| if |x| <= n - m or |x| = n, otherwise n - |x|.

    Parameters
    ----------
    gap : int
        The width m, 1 <= m <= n; m = 1 is OneMax up to a constant.

    Examples
    --------
    >>> [Jump(2).value(x) for x in ([0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1])]
    [2, 3, 1, 5]
    """

    symmetric = True
    hooks = {"level": level}

    def __init__(self, gap: int) -> None:
        self.gap = positive_integer(gap, "gap")

    @property
    def key(self) -> str:
        return f"Jump(gap={self.gap})"

    def check(self, n):
        if self.gap > n:
            raise InputError(f"gap: {self.gap} must be at most n = {n}")

    def data(self, n):
        return np.array([[self.gap]], dtype=np.int64)

    def value(self, x):
        n, ones = len(x), int(sum(int(bit) for bit in x))
        return self.gap + ones if ones <= n - self.gap or ones == n else n - ones

    def value_range(self, n):
        return (0.0, float(n + self.gap))
