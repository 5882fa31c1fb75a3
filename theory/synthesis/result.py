"""What a synthesis returns: a bound with the potential that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from theory.bound import Bound
from theory.synthesis.rounding import DIGITS


@dataclass(frozen=True, repr=False)
class Synthesised(Bound):
    """A bound from a potential that was looked for; a :class:`Bound` with what was found.

    Attributes
    ----------
    coefficients : tuple of (str, Fraction)
        The weights theta_j of the template's functions, by name.
    potential : tuple of Fraction
        X at every state: by k, by the level v, by point (x_1 is the most significant digit of its index), or by row.
    delta : Fraction or None
        The factor of multiplicative drift.
    limit : float or None
        No potential in the template gives less with this theorem (and this delta): proved by the dual. None where the dual says
        nothing that could be checked.
    dual : dict of int to Fraction
        The dual weights of the states' drifts that prove the limit: where the bound is tight.
    averaged : bool
        The start is drawn among the points with so many zero-bits, and the bound needn't hold for each of them.
    """

    coefficients: tuple[tuple[str, Fraction], ...] = ()
    potential: tuple[Fraction, ...] = ()
    delta: Fraction | None = None
    limit: float | None = None
    dual: dict[int, Fraction] = field(default_factory=dict)
    averaged: bool = False

    def covers(self, start: Any, n: int) -> bool:
        drawn = isinstance(start, (str, int, np.integer))
        return super().covers(start, n) and (drawn or not self.averaged)

    def __str__(self) -> str:
        if not self.expr.is_Rational:
            return super().__str__()
        plain = super().__str__()
        return plain.replace(str(self.expr), f"{float(self.expr):.{DIGITS}g}", 1)  # the fraction is a decimal number
