"""Chains: what the drift theorems make of a declared drift."""

from __future__ import annotations

import numbers
from fractions import Fraction

import sympy

from theory.bound import Bound
from theory.chain import Chain
from theory.drift import AdditiveDriftUpper, MultiplicativeDrift, VariableDrift
from theory.errors import InputError, PreconditionError
from theory.symbols import c, k, n, v


def bounds(chain: Chain) -> list[Bound]:
    """Every bound whose preconditions check, from the declared drift; none if the chain declares no drift."""
    if chain.drift_expr is None:
        return []
    start = _start(chain)
    if start is None:
        return []
    constant = not chain.drift_expr.free_symbols & {k, v}
    attempts = (
        lambda where: MultiplicativeDrift.apply(chain, start, where=where),
        lambda where: AdditiveDriftUpper.apply(chain, start, where=where) if constant else None,
        lambda where: VariableDrift.apply(chain, start, where=where),
        lambda where: MultiplicativeDrift.apply(chain, start, where=where, tail=True),
    )
    result: list[Bound] = []
    for attempt in attempts:
        for where in ((), (c < n,)) if {c, n} <= chain.drift_expr.free_symbols else ((),):
            try:
                bound = attempt(where)
            except (PreconditionError, InputError):
                continue
            if bound is not None and all(bound.expr != other.expr for other in result):
                result.append(bound)
            break
    return result


def _start(chain: Chain) -> sympy.Expr | None:
    """X_0 as an expression; None where it is random or depends on the values in another way."""
    if not callable(chain.state):
        return chain.state if chain.potential is None else _measured(chain, chain.state)
    if chain.needed:
        return None
    try:
        starts = {_measured(chain, chain.state()) for _ in range(20)}  # a random one shows itself
    except TypeError:
        return None
    return starts.pop() if len(starts) == 1 else None


def _measured(chain: Chain, state: object) -> sympy.Expr | None:
    if chain.potential is None:
        if isinstance(state, numbers.Real):
            fraction = Fraction(repr(float(state))) if not isinstance(state, numbers.Rational) else Fraction(state)
            return sympy.Rational(fraction.numerator, fraction.denominator)
        return None
    if isinstance(state, sympy.Expr):
        return None
    value = float(chain.potential.py_func(state))
    return sympy.Rational(str(value))
