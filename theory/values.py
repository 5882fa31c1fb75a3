"""Concrete values of n and c, checked at the border."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
import sympy

from theory.errors import InputError, nearest

LARGEST_N = 10**10
Number = int | Fraction | float


def number(value: object, argument: str) -> Number:
    """An int, Fraction or float from whatever number the user gave; a text like '1/2' or '0.1' is read exactly."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise ValueError
        if isinstance(value, (int, np.integer)):
            return int(value)
        if isinstance(value, str):
            value = Fraction(value.strip())
        if isinstance(value, sympy.Expr):
            value = Fraction(int(value.p), int(value.q)) if value.is_Rational else float(value)
        if isinstance(value, Rational):
            exact = Fraction(int(value.numerator), int(value.denominator))
            return int(exact) if exact.denominator == 1 else exact
        real = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        raise InputError(f"{argument}: {value!r} is not a number") from None
    if not math.isfinite(real):
        raise InputError(f"{argument}: {value!r} must be finite")
    return real


def exact(value: Number) -> Fraction:
    """The rational number that a value stands for: a float means the decimal number that it prints as.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:20]}... ({len(text)} characters)"


def check_values(values: dict[str, Any], needed: set[str]) -> dict[str, Number]:
    """Check the values of a process's symbols.

    Parameters
    ----------
    values : dict
        What the user gave, e.g. ``{"n": 100, "c": 1}``.
    needed : set of str
        The symbols that must have a value; a value of ``c`` that isn't needed is allowed and dropped.

    Returns
    -------
    dict
        The needed values, n as int.
    """
    for name in values:
        if name not in ("n", "c"):
            raise InputError(f"{name}: unknown value; {nearest(name, ['n', 'c'])}")
    missing = sorted(needed - set(values))
    if missing:
        raise InputError(f"{missing[0]}: no value given; this process needs {', '.join(f'{m}=...' for m in sorted(needed))}")
    result: dict[str, Number] = {}
    for name in sorted(needed, reverse=True):
        value = number(values[name], name)
        if name == "n":
            if isinstance(value, float) and value == int(value):
                value = int(value)  # 1e6 on a command line
            if not isinstance(value, int) or value < 1:
                raise InputError(f"n: {_short(values[name])} must be a positive integer")
            if value > LARGEST_N:
                raise InputError(f"n: {_short(value)} is too large; at most {LARGEST_N}")
        elif value <= 0:
            raise InputError(f"{name}: {_short(values[name])} must be positive")
        result[name] = value
    return result
