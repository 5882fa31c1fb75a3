"""RoyalRoad: the number of blocks of ones (M. Mitchell, S. Forrest, J. H. Holland, *The royal road for genetic algorithms*, ECAL
1991; as a function of theory: T. Jansen, I. Wegener, EvoComp 2005)."""

from __future__ import annotations

import numpy as np

from theory.errors import InputError
from theory.problems.base import Problem, positive_integer
from theory.problems.parts import judge, value


def part(x, j, data):
    """1 if all bits of block j are ones."""
    for i in range(j * data[0, 1], (j + 1) * data[0, 1]):
        if x[i] == 0:
            return 0
    return 1


def part_of(i, data):
    """Blocks follow each other."""
    return i // data[0, 1]


class RoyalRoad(Problem):
    """RoyalRoad: n bits in blocks of length ``block``, one behind the other; the fitness is the number of blocks of ones.

    Parameters
    ----------
    block : int
        It must divide n; block=1 is OneMax, block=n is Needle.

    Examples
    --------
    >>> RoyalRoad(2).value([1, 1, 1, 0, 1, 1])
    2
    """

    hooks = {"value": value, "judge": judge, "part": part, "part_of": part_of}

    def __init__(self, block: int) -> None:
        self.block = positive_integer(block, "block")

    @property
    def key(self) -> str:
        return f"RoyalRoad(block={self.block})"

    def check(self, n):
        if n % self.block:
            raise InputError(f"n: {n} must be a multiple of the block length {self.block}")

    def data(self, n):
        return np.array([[n // self.block, self.block]], dtype=np.int64)

    def value(self, x):
        return sum(all(x[i : i + self.block]) for i in range(0, len(x), self.block))

    def value_range(self, n):
        return (0.0, float(n // self.block))
