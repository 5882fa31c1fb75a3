"""The fast (1+1) EA: heavy-tailed mutation, whose rate is drawn from a power law for each offspring.

B. Doerr, H. P. Le, R. Makhmara, T. D. Nguyen, *Fast genetic algorithms*, GECCO 2017. For each offspring alpha is drawn with
P(alpha = i) = i^-beta / H, i = 1..floor(n/2), H the sum of these i^-beta; each bit flips with probability alpha/n. So mutation
is a fixed mixture of standard bit mutations: the number of flips K has a fixed law, and given K the flipped set is uniform.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr

from theory.algorithms.base import Algorithm
from theory.algorithms.parameters import parameter, real
from theory.errors import InputError
from theory.values import Number

LARGEST = 10**8
"""Bits up to which the power law's table of n/2 entries is made."""


def first_rate(u, settings, memory):
    """alpha/n by inversion: ``settings`` is n, P(alpha > 1), P(alpha > 2), ..., and alpha the first i with P(alpha > i) <= u."""
    low, high, last = 0, 1, settings.size - 1
    while high < last and settings[high] > u:
        low = high
        high = min(2 * high, last)
    while high - low > 1:
        middle = (low + high) // 2
        if settings[middle] > u:
            low = middle
        else:
            high = middle
    return high / settings[0]


def adapt(p, sign, u, n, c, t, settings, memory):
    """The next offspring's rate owes nothing to the last one."""
    return first_rate(u, settings, memory)


class FastEA(Algorithm):
    """The (1+1) EA with heavy-tailed mutation; an offspring replaces its parent if it is not worse.

    Parameters
    ----------
    beta : number, expression or text
        Exponent of the power law, more than 1.

    Examples
    --------
    >>> FastEA()
    FastEA(beta=3/2)
    >>> FastEA().rate_law(4).round(6).tolist()
    [0.738796, 0.261204]
    """

    single = False
    mixed = True
    strict = False
    parameter = "p"
    hooks = {"first_rate": first_rate, "adapt": adapt}
    constants = {"RANDOM_RATE": True}

    def __init__(self, beta: object = "3/2") -> None:
        self.beta: Expr = parameter(beta, "beta", 1)
        if self.beta == 1:
            raise InputError(f"beta: {beta!r} must be more than 1")

    @property
    def key(self) -> str:
        return f"FastEA(beta={self.beta})"

    @property
    def needed(self) -> set[str]:
        return {str(symbol) for symbol in self.beta.free_symbols}

    def check(self, values: dict[str, Number]) -> None:
        n = int(values["n"])
        if not 2 <= n <= LARGEST:
            raise InputError(f"n: alpha is drawn from 1..n/2 by a table, so n must be from 2 to {LARGEST}, not {n}")
        if real(self.beta, values, "beta", 1) == 1:
            raise InputError(f"beta: {self.beta} is 1 at these values, but must be more than 1")

    def rate_law(self, n: int, **values: Number) -> np.ndarray:
        """P(alpha = i) for i = 1..floor(n/2)."""
        weights = np.arange(1.0, n // 2 + 1) ** -real(self.beta, {"n": n, **values}, "beta", 1)
        return weights / weights[::-1].sum()

    def mixture(self, values: dict[str, Number]) -> tuple[np.ndarray, np.ndarray]:
        law = self.rate_law(**values)  # type: ignore[arg-type]
        return law, np.arange(1, len(law) + 1) / float(values["n"])

    def settings(self, values: dict[str, Number]) -> np.ndarray:  # type: ignore[override]
        """n, and P(alpha > i) for i = 1..floor(n/2); the last one is 0."""
        law = self.rate_law(**values)  # type: ignore[arg-type]
        above = np.cumsum(law[::-1])[::-1]  # P(alpha >= i), the small ones added first
        return np.concatenate([[float(values["n"])], above[1:], [0.0]])
