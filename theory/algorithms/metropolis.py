"""The Metropolis algorithm: worsenings are accepted with a probability that falls with their size."""

from __future__ import annotations

from sympy import Expr

from theory import symbols
from theory.algorithms.base import Algorithm
from theory.algorithms.parameters import at_values
from theory.errors import InputError
from theory.hooks import SCALE, compare, value
from theory.parse import expression
from theory.values import Number


def survival(loss, settings):
    """alpha^-D, where D is the loss in the user's units."""
    return settings[0] ** (-loss / SCALE)


def accepts(noise, ups, downs, sign, loss, settings, data):
    """Not worse, or lucky."""
    return sign >= 0 or noise[0] <= survival(loss, settings)


def accepts_pair(noise, y, x, settings, data):
    """Not worse, or lucky, by the fitness of both points."""
    return compare(y, x, data) >= 0 or noise[0] <= settings[0] ** ((value(y, data) - value(x, data)) / SCALE)


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
    hooks = {"survival": survival, "accepts": accepts, "accepts_pair": accepts_pair}
    constants = {"FLIPS": 1, "MONOTONE": False, "DECLARED": False, "TRACK_VALUE": True, "RANDOM_ACCEPTANCE": True}

    def __init__(self, alpha: object) -> None:
        self.alpha: Expr = expression(alpha, "alpha", {"n": symbols.n, "c": symbols.c})
        if self.alpha.is_number and not self.alpha >= 1:
            raise InputError(f"alpha: {alpha!r} must be at least 1")

    @property
    def key(self) -> str:
        return f"Metropolis(alpha={self.alpha})"

    @property
    def needed(self) -> set[str]:
        return {str(s) for s in self.alpha.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        value = at_values(self.alpha, values)
        if not (value.is_number and value >= 1):
            raise InputError(f"alpha: {self.alpha} is {value.evalf(6)} at these values, but must be at least 1")

    def settings(self, values: dict[str, Number]) -> list[float]:
        return [float(at_values(self.alpha, values))]
