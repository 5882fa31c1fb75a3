"""Rates that follow the run: rules that need not know n, and what they cost near the optimum. Heuristic, apart from identities.

Made here, after H. Einarsson et al., TCS 785 (2019), who reach (1 + o(1)) e n ln n with adaptive rates. Near the optimum a step
is neutral (f(y) = f(x)) with probability (1-p)^n, about e^-c at p = c/n: neutral steps measure c. From below, nothing beats
e n ln n - O(n): :mod:`theory.bounds.any_rates_lower`.

====  ====================================================================  =====================================
rule  after a step at rate p                                                 settles at
====  ====================================================================  =====================================
A     neutral: p <- min(1/2, p F^(e-1)), else p <- p/F                        e^-c = 1/e, c = 1
A'    the same with f(y) >= f(x) in place of neutral                          the same, near the optimum
B     by epochs: the share of neutral steps gives an estimate of n            p = 1/n, better from epoch to epoch
C     neutral: p <- min(1/2, p F), else p <- p/F^(e-1)                        e^-c = 1 - 1/e (A's exponents swapped)
====  ====================================================================  =====================================

All start at p = 1/2. A step costs as if the rate were fixed at c: it wins c e^-c where the optimum, c = 1, wins 1/e.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.constants import check_digits
from theory.errors import InputError, nearest
from theory.values import exact, number

_CELLS = 64  # of the grid in ln c, for each ln F: splitting mass adds at most 1e-4 of the variance
_SWAP = math.e - 1


@dataclass(frozen=True)
class StepRule:
    """A rule that multiplies the rate after each step.

    Attributes
    ----------
    neutral : bool
        Success is f(y) = f(x); otherwise f(y) >= f(x).
    up, down : float
        Exponents of F: p <- min(1/2, p F^up) after a success, p <- p/F^down otherwise.

    Examples
    --------
    >>> RULES["C"].after(0.01, True, 1.2), RULES["A"].after(0.4, True, 1.5)
    (0.012, 0.5)
    """

    neutral: bool
    up: float
    down: float

    def after(self, p: float, success: bool, factor: float) -> float:
        """The rate of the next step."""
        return min(0.5, p * factor**self.up) if success else p / factor**self.down

    @property
    def equilibrium(self) -> float:
        """c at which ln p stands still on average: up e^-c = down (1 - e^-c).

        >>> round(RULES["A"].equilibrium, 12), round(RULES["C"].equilibrium, 9)
        (1.0, 0.458675145)
        """
        return math.log((self.up + self.down) / self.down)


@dataclass(frozen=True)
class EpochRule:
    """A rule that holds the rate for an epoch and then estimates n from the share of neutral steps.

    Attributes
    ----------
    first : int
        Steps of the first epoch; an epoch that gives an estimate doubles the next one.
    low, high : float
        Shares below or above which the rate is divided or multiplied by ``factor`` instead.
    factor : float

    Examples
    --------
    >>> RULES["B"].after(0.5, 0.0), round(RULES["B"].after(0.01, 0.99**50), 12)
    (0.125, 0.02)
    """

    first: int = 16
    low: float = 0.05
    high: float = 0.95
    factor: float = 4.0

    def after(self, p: float, share: float) -> float:
        """The rate of the next epoch: 1/nhat with nhat = ln(1/share)/(-ln(1-p))."""
        if share < self.low:
            return p / self.factor
        if share > self.high:
            return min(0.5, p * self.factor)
        return min(0.5, math.log1p(-p) / math.log(share))

    def length(self, now: int, share: float) -> int:
        """The length of the next epoch."""
        return 2 * now if self.low <= share <= self.high else now


RULES: dict[str, StepRule | EpochRule] = {
    "A": StepRule(neutral=True, up=_SWAP, down=1.0),
    "A'": StepRule(neutral=False, up=_SWAP, down=1.0),
    "B": EpochRule(),
    "C": StepRule(neutral=True, up=1.0, down=_SWAP),
}
"""The rules by name."""


def adaptive_slow_down(factor: Any, rule: str = "A") -> float:
    """S(F): the time under a step rule near the optimum over that of the rate 1/n, e^-1/E[c e^-c] under the stationary law of c.

    v = ln c moves by up ln F with probability e^-c, else by -down ln F, and up + down = e: v + t down ln F never changes modulo
    e ln F. So averages over time are those from a start that is uniform modulo e ln F, whose law settles; it is computed on a
    grid in v, to about 5 digits of S.

    Parameters
    ----------
    factor : number
        F, more than 1 and at most 4.
    rule : {"A", "A'", "C"}

    Returns
    -------
    float

    Raises
    ------
    InputError

    Examples
    --------
    >>> round(adaptive_slow_down(1.05), 3), round(slow_down_expansion(1.05), 5), round(adaptive_slow_down(1.05, "C"), 3)
    (1.021, 1.02096, 1.285)
    """
    F = exact(number(factor, "factor"))
    if not 1 < F <= 4:
        raise InputError(f"factor: {factor!r} must be more than 1 and at most 4")
    found = RULES.get(rule)
    if not isinstance(found, StepRule):
        raise InputError(f"rule: {rule!r} is no step rule; {nearest(str(rule), [x for x in RULES if x != 'B'])}")
    scale = math.log(F)
    middle, spread = math.log(found.equilibrium), 12 * math.sqrt(scale) + 12 * scale
    width = scale / _CELLS
    v = np.arange(middle - spread, middle + min(spread, 4 + 8 * scale), width)  # beyond, e^-c is 0
    stay = np.exp(-np.exp(v))
    law = np.clip(math.e * _CELLS - np.arange(len(v)), 0, 1) / (math.e * _CELLS)  # uniform on an interval of length e ln F
    law = np.roll(law, int(spread / width - math.e * _CELLS / 2))
    for _ in range(int(60 / scale) + 100):  # what is wrong at first shrinks by a factor 1 - O(ln F) a step
        law = _moved(law * stay, found.up * _CELLS) + _moved(law * (1 - stay), -found.down * _CELLS)
    return float(math.exp(-1) / np.sum(law * np.exp(v) * stay))


def _moved(law: np.ndarray, shift: float) -> np.ndarray:
    """Mass moved by a number of cells, split between the two nearest ones; what leaves the grid stays at its end."""
    whole, part = math.floor(shift), shift - math.floor(shift)
    found = np.zeros_like(law)
    for cells, share in ((whole, 1 - part), (whole + 1, part)):
        if cells >= 0:
            found[cells:] += share * law[: len(law) - cells]
            found[-1] += share * law[len(law) - cells :].sum()
        else:
            found[:cells] += share * law[-cells:]
            found[0] += share * law[:-cells].sum()
    return found


def slow_down_expansion(factor: Any) -> float:
    """1 + (e-1) ln F/4, S(F) of Rule A for F near 1.

    v has drift -v ln F and noise of variance (e-1) ln^2 F a step, so Var v = (e-1) ln F/2; and e^-1/E[c e^-c] is 1 + Var v/2.

    >>> round(slow_down_expansion(1.01), 5)
    1.00427
    """
    F = exact(number(factor, "factor"))
    if not F > 1:
        raise InputError(f"factor: {factor!r} must be more than 1")
    return 1 + (math.e - 1) * math.log(F) / 4


def swapped_equilibrium(digits: int = 15) -> tuple[Any, Any]:
    """Rule C: c with e^-c = 1 - 1/e, and its cost e^c/(c e) over that of c = 1.

    Parameters
    ----------
    digits : int
        1 to 1000.

    Returns
    -------
    (mpmath.mpf, mpmath.mpf)

    Examples
    --------
    >>> print(*swapped_equilibrium(12))
    0.458675145387... 1.26882110949...
    """
    import mpmath

    with mpmath.workdps(check_digits(digits) + 10):
        c = -mpmath.log(1 - mpmath.exp(-1))
        cost = mpmath.exp(c) / (c * mpmath.e)
    with mpmath.workdps(digits):
        return +c, +cost
