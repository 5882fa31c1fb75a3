"""From floats to fractions that keep what is proved: roundings with a direction."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import fmpq
from sympy import Rational

from theory.synthesis.chains import as_float, as_fmpq, as_fraction

DIGITS = 13
"""Significant decimal digits of the numbers in a bound."""


def rounded(x: fmpq, bits: int = 64) -> fmpq:
    """The nearest fraction with a power of 2 below and so many significant bits.

    >>> rounded(fmpq(1, 3), 4)
    11/32
    """
    if x == 0:
        return x
    shift = bits - (abs(x.p).bit_length() - x.q.bit_length())
    scale = fmpq(2) ** shift
    return fmpq((x * scale + fmpq(1, 2)).floor()) / scale


def simple(x: fmpq, largest: int = 10**6) -> fmpq:
    """The nearest fraction with a small denominator.

    >>> simple(fmpq(333333333333, 10**12))
    1/3
    """
    return as_fmpq(as_fraction(x).limit_denominator(largest))


def scale_up(least: fmpq) -> fmpq:
    """A factor of at least this, hardly more, and with few digits where it is near 1.

    >>> scale_up(fmpq(1)), scale_up(fmpq(1) + fmpq(1, 10**6))
    (1, 524289/524288)
    """
    if 1 < least < 2:
        power = 60
        while 1 + fmpq(1, 2**power) < least:
            power -= 1
        return 1 + fmpq(1, 2**power)
    near = rounded(least)
    return near if near >= least else near * (1 + fmpq(1, 2**60))


def decimal_above(x: fmpq) -> Fraction:
    """The next number with ``DIGITS`` significant decimal digits that isn't below a positive x.

    >>> decimal_above(fmpq(1, 3))
    Fraction(1666666666667, 5000000000000)
    """
    return -_decimal_below(-as_fraction(x), _power(x))


def decimal_below(x: fmpq) -> Fraction:
    """The next number with ``DIGITS`` significant decimal digits that isn't above a positive x."""
    return _decimal_below(as_fraction(x), _power(x))


def _power(x: fmpq) -> int:
    return DIGITS - 1 - math.floor(math.log10(as_float(x)))


def _decimal_below(x: Fraction, power: int) -> Fraction:
    return Fraction(math.floor(x * Fraction(10) ** power)) / Fraction(10) ** power


def to_sympy(x: Fraction) -> Rational:
    """A fraction as sympy's."""
    return Rational(x.numerator, x.denominator)


def fractions(values: list[fmpq]) -> tuple[Fraction, ...]:
    """Fractions as Python's."""
    return tuple(as_fraction(x) for x in values)
