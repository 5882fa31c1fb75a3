"""The linear hidden subset problem: n bits matter, nobody knows which, nor how many.

S. Cathabard, P. K. Lehre, X. Yao, FOGA 2011; B. Doerr, C. Doerr, T. Kötzing, Algorithmica 81 (2019); H. Einarsson, M. M. Gauy,
J. Lengler, F. Meier, A. Mujika, A. Steger, F. Weissenberger, TCS 785 (2019).

Notation: n relevant bits among the N >= n bits of the string (N ``size``, None: infinitely many), on which the function is the
``base``. Standard bit mutation flips every bit independently, and neither acceptance nor the end of a run asks for the other
bits. So the n relevant bits are a Markov chain by themselves, that of the base on n bits: their positions and N play no part.
That is why a problem with this ``base`` can be solved and simulated as the base. Mutations that flip a fixed number of the N bits
depend on N, and are refused.
"""

from __future__ import annotations

from typing import Any

from theory.errors import InputError
from theory.problems.base import Problem, positive_integer
from theory.problems.binval import BinVal
from theory.problems.leadingones import LeadingOnes
from theory.problems.linear import Linear
from theory.problems.onemax import OneMax

BASES: tuple[type[Problem], ...] = (OneMax, BinVal, Linear, LeadingOnes)


class HiddenSubset(Problem):
    """A function of n unknown bits of a longer string.

    Parameters
    ----------
    base : Problem or text
        What the relevant bits are worth, in the order of their positions: OneMax (the default), BinVal, Linear or LeadingOnes.
    size : int, optional
        The string's length N; without it infinite.

    Raises
    ------
    InputError

    Examples
    --------
    >>> HiddenSubset(), HiddenSubset("binval", size=1000)
    (HiddenSubset(OneMax()), HiddenSubset(BinVal(), size=1000))
    >>> from theory import OnePlusOneEA, exact
    >>> exact.expected_runtime(OnePlusOneEA("1/100").on(HiddenSubset(size=100)), n=10)
    240.98997138444...
    """

    def __init__(self, base: object = "onemax", size: int | None = None) -> None:
        if isinstance(base, str):
            from theory.registry import problem

            base = problem(base)
        if not isinstance(base, BASES):
            raise InputError(f"base: {base!r} must be one of {', '.join(one.__name__ for one in BASES)}")
        self.base: Problem = base
        self.size = None if size is None else positive_integer(size, "size")
        self.strictly_monotone, self.symmetric, self.hooks = base.strictly_monotone, base.symmetric, base.hooks

    @property
    def key(self) -> str:
        return f"HiddenSubset({self.base.key}{'' if self.size is None else f', size={self.size}'})"

    @property
    def core(self) -> Problem:
        return self.base

    def check_algorithm(self, algorithm: Any) -> None:
        if not algorithm.flips_independently:
            raise InputError(
                f"algorithm: {algorithm} flips positions of the whole string, so the relevant bits are no chain of their own; "
                "on HiddenSubset use standard bit mutation, e.g. OnePlusOneEA(LogSchedule())"
            )

    def check(self, n):
        if self.size is not None and n > self.size:
            raise InputError(f"n: {n} relevant bits are more than the string has, size = {self.size}")
        self.base.check(n)

    def data(self, n):
        return self.base.data(n)

    def optimum(self, n):
        return self.base.optimum(n)

    def target(self, n):
        return self.base.target(n)

    def value_range(self, n):
        return self.base.value_range(n)

    def value_scale(self, n):
        return self.base.value_scale(n)

    def check_value(self, n):
        self.base.check_value(n)

    def value(self, x):
        """Exact fitness of the relevant bits x."""
        return self.base.value(x)
