"""Variable drift, upper bound.

D. Johannsen, *Random combinatorial structures and randomized search heuristics*, PhD thesis, Saarbrücken 2010, Theorem 4.6;
B. Mitavskiy, J. Rowe, C. Cannings, *Theoretical analysis of local search strategies to optimize network communication subject to
preserving the total number of links*, 2009. On integers the integral may be replaced by a sum.

Notation: X_0 ``start``, s_min ``smallest``, h ``drift``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from theory.balls import ball
from theory.bound import Bound
from theory.derivation import Check
from theory.drift.base import DriftTheorem, Motion, Precondition, _rational, read, total
from theory.drift.monotone import show_monotone
from theory.drift.overshoot import no_overshoot
from theory.drift.sources import JOHANNSEN
from theory.drift.starts import is_law, law_of
from theory.errors import InputError, PreconditionError
from theory.lemmas import applied, of
from theory.symbols import SYMBOLS, n
from theory.text import formula
from theory.values import Number


class VariableDrift(DriftTheorem):
    """If E[X_t - X_{t+1} | X_t = s] >= h(s) > 0 with h non-decreasing, then E[T] <= s_min/h(s_min) + integral of 1/h.

    The integral is from s_min to X_0; X_t is 0 or at least s_min > 0. For integers E[T] <= 1/h(1) + ... + 1/h(X_0)
    (``form="sum"``, the default there): the sum is a concave function of X_0, and its drift is at least 1.

    Examples
    --------
    >>> from theory import k, n
    >>> print(VariableDrift.apply(drift=k / n, start=n))
    E[T] <= n*harmonic(n)   upper, any start   variable drift (Johannsen 2010)
    >>> VariableDrift.apply(drift=1 / k, start=n)
    Traceback (most recent call last):
    ...
    theory.errors.PreconditionError: variable drift: the condition 'h(s) is non-decreasing' fails at k = 1, n = 2: ...
    """

    name = "variable drift"
    statement = "E[T] <= s_min/h(s_min) + integral of 1/h from s_min to X_0, or for integers 1/h(1) + ... + 1/h(X_0)"
    source = JOHANNSEN
    preconditions = (
        Precondition("X_t = 0 or X_t >= s_min > 0", "necessary", "X_{t+1} = X_t/2 has drift X_t/2 and never reaches 0"),
        Precondition("drift >= h(s) > 0 wherever X_t = s > 0", "necessary", "a state that is never left has E[T] infinite"),
        Precondition(
            "h is non-decreasing",
            "necessary",
            "with h(1) large and h(2) tiny a jump over 1 back to 2 costs more than the sum says",
        ),
    )

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, form: str | None = None, envelope: bool = False, potential: Any = None,
        smallest: Any = None, largest: Any = None, lowest: Any = None, where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound E[T] from above.

        Parameters
        ----------
        drift : expression in k or v, Process, or Chain
            h; of a Process the smallest drift among the states of each potential value, exactly.
        start : expression, {value: probability} or "uniform", optional
            X_0, or its law, over which the bound is averaged; default: the chain's state, or the largest value of the process's
            potential.
        form : {"sum", "integral"}, optional
            Default: the sum for integers, the integral for real X. On integers the integral is the form of Lengler and Steger,
            1/h(1) + integral of 1/h from 1 to X_0; it asks that h be non-decreasing between the integers, too. An integral
            without a closed form stays one, and its value is enclosed in balls.
        envelope : bool
            Of a process: where the drift isn't monotone, take the infimum over all larger values instead of refusing.
        potential, smallest, largest, lowest, where, **values
            As in :meth:`AdditiveDriftUpper.apply`.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        if form not in (None, "sum", "integral"):
            raise InputError(f"form: {form!r} must be 'sum' or 'integral'")
        motion = read(
            cls.name,
            drift,
            None if is_law(start) else start,
            potential=potential,
            smallest=smallest,
            largest=largest,
            lowest=lowest,
            where=where,
            values=values,
        )
        if motion.table:
            return _from_steps(cls, motion, envelope, start)
        if envelope:
            raise InputError(
                "envelope: belongs to a process that is read at values; give a non-decreasing lower bound on the drift"
            )
        s, low, h = motion.variable, motion.region.smallest, motion.drift
        assert h is not None and motion.drift is not None
        if low == 0:
            raise PreconditionError(
                cls.name, "X_t = 0 or X_t >= s_min > 0", advice="give smallest=, the smallest positive value of X"
            )
        integer = motion.region.integer
        if form == "sum" and not (integer and low == 1):
            raise InputError("form: the sum needs an integer potential with smallest = 1; use form='integral'")
        checks = [
            Check(
                f"X_t = 0 or X_t >= {formula(low)}",
                "X is an integer" if integer and low == 1 else "as declared (smallest=)",
                "necessary",
            ),
            no_overshoot(drift, motion, lowest, values, allowed=False),
            motion.positive("s_min > 0", "necessary", low),
            motion.at_least("h(s) > 0", "necessary", sympy.Integer(0), strict=True),
        ]
        law = law_of(start, motion) if is_law(start) else None
        h, low = motion.put(h), motion.put(low)
        exact_function = None
        form_sum = form == "sum" or (form is None and integer and low == 1)
        if form_sum:
            checks.append(show_monotone(cls.name, motion.drift, motion.region))

            def bound_from(x0: Expr) -> Expr:
                return total(lambda j: 1 / h.subs(s, j), x0)

            if law is not None and law.pairs is None and isinstance(bound_from(n), Expr) and bound_from(n).has(sympy.Sum):
                exact_function = _through_values(h, s)
        else:
            x = sympy.Symbol("s", positive=True)
            region = replace(motion.region, variable=x, integer=False)  # the integral sees h between the integers, too
            over_reals = motion.drift.subs(s, x) if integer else motion.drift
            checks.append(show_monotone(cls.name, over_reals, region if integer else motion.region))
            for x0 in [motion.begin()] if law is None else law.values:
                if law is None or x0 != 0:
                    checks.append(motion.require("X_0 >= s_min", "technical", x0, low))
            if law is not None and law.pairs is None and low != 1:
                raise InputError("start: 'uniform' needs smallest = 1, as X_0 may be 1")

            def bound_from(x0: Expr) -> Expr:
                return low / h.subs(s, low) + _integral(1 / h.subs(s, x), x, low, x0)

        last = None
        if law is None and form_sum:
            last = applied("variable drift, sum", motion.conditions, start=motion.begin(), h=of(s, h))
        elif law is None:
            last = applied("variable drift, integral", motion.conditions, start=motion.begin(), low=low, h=of(s, h))
        expr = bound_from(motion.begin()) if law is None else law.average(bound_from)
        return Bound(
            "E[T]", "upper", expr, motion.conditions, "derived", motion.speaks_of if law is None else law.speaks_of,
            source=cls.source, exact_function=exact_function,
            derivation=cls._derivation(motion, f"E[X_t - X_t+1 | X_t = {s}] >= h({s}) = {formula(h)}", checks, drift_expr=h,
                                       conclusion=last),
        )  # fmt: skip


def _integral(function: Expr, x: sympy.Symbol, low: Expr, high: Expr) -> Expr:
    """The integral of a rational function or a power in closed form, of others as it stands: balls enclose its value.

    >>> x = sympy.Symbol("x", positive=True)
    >>> one, three = sympy.Integer(1), sympy.Integer(3)
    >>> _integral(1 / x, x, one, three), _integral(sympy.exp(x) / x, x, one, three)
    (log(3), Integral(exp(x)/x, (x, 1, 3)))
    """
    rest = function.as_independent(x, as_Add=False)[1]
    if not (function.is_rational_function(x) or (rest.is_Pow and rest.base == x and x not in rest.exp.free_symbols)):
        return sympy.Integral(function, (x, low, high))  # sympy may look for a closed form for minutes
    found = sympy.integrate(function, (x, low, high))
    heads = {type(e) for e in sympy.preorder_traversal(found) if e.args}
    return found if heads <= {sympy.Add, sympy.Mul, sympy.Pow, sympy.log, sympy.exp} else sympy.Integral(function, (x, low, high))


def _through_values(h: Expr, s: sympy.Symbol) -> Callable[[dict[str, Number]], float]:
    """The bound 1/h(1) + ... + 1/h(X_0) averaged over X_0 ~ Bin(n, 1/2), in one pass over the values of X_0."""

    def value(values: dict[str, Number]) -> float:
        from flint import arb, ctx, fmpq

        put = {SYMBOLS[name]: Fraction(x) for name, x in values.items()}
        size = int(values["n"])
        with ctx.workprec(64 + 2 * size.bit_length()):
            box = {symbol: arb(fmpq(x.numerator, x.denominator)) for symbol, x in put.items()}
            chance, total, below = arb(fmpq(1, 2)) ** size, arb(0), arb(0)
            for x in range(1, size + 1):
                chance = chance * (size - x + 1) / x
                below += 1 / ball(h, {**box, s: arb(x)})
                total += chance * below
            return float(total.mid())

    return value


def _from_steps(cls: type[VariableDrift], motion: Motion, envelope: bool, start: Any = None) -> Bound:
    """The step function through the table: h on (previous value, value] is the smallest drift there."""
    smallest: dict = {}
    for x, drift, label in motion.table:
        if x not in smallest or drift < smallest[x][0]:
            smallest[x] = (drift, label)
    points = sorted(smallest)
    heights = [smallest[x][0] for x in points]
    how = "exactly at all values"
    for i in range(len(points) - 1, -1, -1):
        if heights[i] <= 0:
            raise PreconditionError(cls.name, "h(s) > 0", f"{smallest[points[i]][1]}: drift {float(heights[i]):.6g}")
        if i + 1 < len(points) and heights[i] > heights[i + 1]:
            if not envelope:
                here, above = (f"{float(x):g}" for x in points[i : i + 2])
                witness = f"X = {here} and {above}: drift {float(heights[i]):.6g} > {float(heights[i + 1]):.6g}"
                raise PreconditionError(
                    cls.name, "h(s) is non-decreasing", witness, "envelope=True takes the infimum over larger values"
                )
            heights[i], how = heights[i + 1], "made so: the infimum over all larger values"
    law = law_of(start, motion) if is_law(start) else None

    def bound_from(end: Expr) -> Expr:
        value, before = sympy.Integer(0), sympy.Integer(0)
        for x, height in zip(points, heights):
            if x <= end:
                value, before = value + (_rational(x) - before) / _rational(height), _rational(x)
        if end > before:
            raise InputError(f"start: {end} is no value of the potential; the next smaller one is {before}")
        return value

    value = bound_from(motion.begin()) if law is None else law.average(bound_from)
    checks = [
        Check(f"X_t = 0 or X_t >= {points[0]}", "exactly at all states", "necessary"),
        Check("h(s) > 0", f"exactly at all {len(motion.table)} states with X > 0", "necessary"),
        Check("h(s) is non-decreasing", how, "necessary"),
    ]
    return Bound(
        "E[T]", "upper", value, motion.conditions, "derived", motion.speaks_of if law is None else law.speaks_of,
        source=cls.source,
        derivation=cls._derivation(motion, "h(s) = the smallest drift among the states with X = s, a step function", checks),
    )  # fmt: skip
