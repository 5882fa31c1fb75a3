"""Rules of acceptance that are put on like a problem: no function is given, only which offspring replace their parent.

Such a rule is symmetric in the positions: whether an offspring is kept depends, at random, on the numbers a of zero-bits and b of
one-bits that flip. So the number k of zero-bits is a Markov chain. Comparable offspring are judged by the order: a = 0 < b is
rejected, b = 0 accepted.
"""

from __future__ import annotations

from typing import Any, ClassVar

from theory.errors import InputError
from theory.problems.base import Problem


class AcceptanceRule(Problem):
    """What the partially-ordered EA, Dynamic BinVal and dynamic linear functions have in common."""

    random_acceptance = True
    why: ClassVar[str] = ""
    """Why a point has no fitness."""

    def check_algorithm(self, algorithm: Any) -> None:
        if not (algorithm.single and algorithm.elitist):
            raise InputError(
                f"algorithm: {algorithm} needs the fitness of points; {self.name} compares one offspring with its parent: use "
                "OnePlusOneEA or RLS on it"
            )

    def check_value(self, n: int) -> None:
        raise InputError(f"v: a point has no fitness under {self.key}; write rates, potentials and targets in k")

    def value(self, x):
        raise InputError(f"problem: {self.name} {self.why}")
