"""Algorithms with one parent: the (1+1) EA with any mutation rate, and randomised local search.

(1+1) EA (Droste, Jansen, Wegener, TCS 276, 2002): flip each bit independently with probability p, keep the offspring if it
is not worse (``strict=True``: only if it is better). RLS: flip ``flips`` uniform positions, all different.

T counts offspring; the evaluation of the start isn't counted.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr

from theory import symbols
from theory.errors import InputError
from theory.parse import expression
from theory.problems.base import Problem, positive_integer
from theory.schedules import text

if TYPE_CHECKING:
    from theory.process import Process


class Algorithm(ABC):
    """An algorithm that can be put :meth:`on` a problem."""

    strict: bool
    rate: Expr | None = None
    """Mutation rate of standard bit mutation, or None where another mutation is used."""
    flips: int = 0
    """Number of positions flipped by each mutation, or 0 where that is random."""
    elitist: bool = True
    """Offspring that are worse are never accepted."""

    @property
    def name(self) -> str:
        """The class name, as it stands in tables."""
        return type(self).__name__

    @property
    @abstractmethod
    def key(self) -> str:
        """Canonical text: two algorithms with the same key are the same algorithm."""

    def __str__(self) -> str:
        return self.key

    def __repr__(self) -> str:
        return self.key

    def on(self, problem: Problem) -> Process:
        """The process: this algorithm maximising that problem."""
        from theory.process import Process

        if isinstance(problem, type) and issubclass(problem, Problem):
            raise InputError(f"problem: {problem.__name__} is a class; write {problem.__name__}(...)")
        if not isinstance(problem, Problem):
            raise InputError(
                f"problem: {problem!r} is not a problem; take one from theory, e.g. OneMax(), or wrap a function in Custom(...)"
            )
        if self.rate is not None and symbols.i in self.rate.free_symbols and not problem.positional:
            raise InputError(f"rate: {self.rate} depends on the position i, as it may on InitialSegment alone, not on {problem}")
        problem.check_algorithm(self)
        return Process(self, problem)


def _truth(value: object, argument: str) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{argument}: {value!r} must be True or False")
    return bool(value)


class OnePlusOneEA(Algorithm):
    """The (1+1) EA with standard bit mutation.

    Parameters
    ----------
    rate : expression, number or text
        Mutation rate p in the symbols n, c, t, k, v; e.g. ``c/n``, ``1/(v+1)``, ``Min(1/2, log(t)/t)``. On InitialSegment each
        bit has its own, in its position i: ``1/(i+1)``.
    strict : bool
        Reject offspring of equal fitness.

    Examples
    --------
    >>> OnePlusOneEA("c/n")
    OnePlusOneEA(rate=c/n)
    """

    def __init__(self, rate: object, strict: bool = False) -> None:
        self.rate: Expr = expression(rate, "rate", symbols.RATE_SYMBOLS)
        if self.rate.is_number and not 0 <= self.rate <= 1:
            raise InputError(f"rate: {rate!r} must lie in [0, 1]: it is a probability")
        self.strict = _truth(strict, "strict")

    @property
    def key(self) -> str:
        return f"OnePlusOneEA(rate={text(self.rate)}{', strict=True' if self.strict else ''})"


class RLS(Algorithm):
    """Randomised local search: flip exactly ``flips`` uniform positions.

    >>> RLS()
    RLS(flips=1)
    """

    def __init__(self, flips: int = 1, strict: bool = False) -> None:
        self.flips = positive_integer(flips, "flips")
        self.strict = _truth(strict, "strict")

    @property
    def key(self) -> str:
        return f"RLS(flips={self.flips}{', strict=True' if self.strict else ''})"


class Metropolis(Algorithm):
    """The Metropolis algorithm: flip one uniform position; an offspring that is worse by D is accepted with probability alpha^-D.

    T. Jansen, I. Wegener, *A comparison of simulated annealing with a simple evolutionary algorithm on pseudo-boolean functions
    of unitation*, TCS 386 (2007). alpha = exp(1/temperature).

    Parameters
    ----------
    alpha : expression, number or text
        At least 1; in n and c, e.g. ``n``, ``c*n``.

    Examples
    --------
    >>> Metropolis("c*n")
    Metropolis(alpha=c*n)
    """

    elitist = False
    strict = False

    def __init__(self, alpha: object) -> None:
        self.alpha: Expr = expression(alpha, "alpha", {"n": symbols.n, "c": symbols.c})
        if self.alpha.is_number and not self.alpha >= 1:
            raise InputError(f"alpha: {alpha!r} must be at least 1")

    @property
    def key(self) -> str:
        return f"Metropolis(alpha={self.alpha})"


ALGORITHMS: tuple[type[Algorithm], ...] = (OnePlusOneEA, RLS, Metropolis)
