"""ConcatenatedTrap: blocks of bits, each of them a trap (K. Deb, D. E. Goldberg, FOGA 1992); function 24 of the suite PBO."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem, positive_integer
from theory.problems.parts import judge, value


def part(x, j, data):
    """Times the block's length, an integer."""
    length, ones = data[0, 1], 0
    for i in range(j * length, (j + 1) * length):
        ones += x[i]
    return length if ones == length else length - 1 - ones


def part_of(i, data):
    """Blocks follow each other."""
    return i // data[0, 1]


class ConcatenatedTrap(Problem):
    """The sum over blocks of length b: 1 for a block of ones, otherwise (b - 1 - its ones)/b.

    Parameters
    ----------
    block : int
        The length b; it must divide n.

    Examples
    --------
    >>> ConcatenatedTrap(2).value([1, 1, 0, 1, 0, 0])
    Fraction(3, 2)
    """

    hooks = {"value": value, "judge": judge, "part": part, "part_of": part_of}

    def __init__(self, block: int = 5) -> None:
        self.block = positive_integer(block, "block")

    @property
    def key(self) -> str:
        return f"ConcatenatedTrap(block={self.block})"

    def check(self, n):
        if n % self.block:
            raise InputError(f"n: {n} must be a multiple of the block length {self.block}")

    def data(self, n):
        return np.array([[n // self.block, self.block]], dtype=np.int64)

    def value(self, x):
        ones = [int(sum(x[i : i + self.block])) for i in range(0, len(x), self.block)]
        return Fraction(sum(self.block if z == self.block else self.block - 1 - z for z in ones), self.block)

    def value_range(self, n):
        return (0.0, float(n // self.block))

    def value_scale(self, n):
        return Fraction(self.block), Fraction(0)
