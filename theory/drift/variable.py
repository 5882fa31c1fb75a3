"""Variable drift, upper bound.

D. Johannsen, *Random combinatorial structures and randomized search heuristics*, PhD thesis, Saarbrücken 2010, Theorem 4.6;
B. Mitavskiy, J. Rowe, C. Cannings, *Theoretical analysis of local search strategies to optimize network communication subject to
preserving the total number of links*, 2009. On integers the integral may be replaced by a sum.

Notation: X_0 ``start``, s_min ``smallest``, h ``drift``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy

from theory.bound import Bound
from theory.derivation import Check
from theory.drift.base import DriftTheorem, Motion, Precondition, _rational, no_overshoot, read, total
from theory.drift.prover import Region, show
from theory.drift.sources import JOHANNSEN
from theory.errors import InputError, PreconditionError
from theory.text import formula


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
        start : expression, optional
            X_0; default: the chain's state, or the largest value of the process's potential.
        form : {"sum", "integral"}, optional
            Default: the sum for integers, the integral for real X.
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
            start,
            potential=potential,
            smallest=smallest,
            largest=largest,
            lowest=lowest,
            where=where,
            values=values,
        )
        if motion.table:
            return _from_steps(cls, motion, envelope)
        s, low, h = motion.variable, motion.region.smallest, motion.drift
        assert h is not None
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
            _monotone(motion),
        ]
        x0, h = motion.begin(), motion.put(h)
        low = motion.put(low)
        if form == "sum" or (form is None and integer and low == 1):
            expr = total(lambda j: 1 / h.subs(s, j), x0)
        else:
            checks.append(motion.require("X_0 >= s_min", "technical", x0, low))
            x = sympy.Symbol("s", positive=True)
            if integer:  # the integral sees h between the integers, too
                checks[-2] = _monotone(_on_reals(motion, x))
            expr = low / h.subs(s, low) + sympy.integrate(1 / h.subs(s, x), (x, low, x0))
            if expr.has(sympy.Integral):
                raise InputError(
                    f"drift: the integral of 1/({formula(h)}) has no closed form; use form='sum', or a simpler lower bound"
                )
        return Bound(
            "E[T]", "upper", expr, motion.conditions, "derived", motion.speaks_of, source=cls.source,
            derivation=cls._derivation(motion, f"E[X_t - X_t+1 | X_t = {s}] >= h({s}) = {formula(h)}", checks, drift_expr=h),
        )  # fmt: skip


def _on_reals(motion: Motion, x: sympy.Symbol) -> Motion:
    """The same h as a function of a real variable."""
    assert motion.drift is not None
    region = replace(motion.region, variable=x, integer=False)
    return replace(motion, variable=x, region=region, drift=motion.drift.subs(motion.variable, x))


def _monotone(motion: Motion) -> Check:
    region, s, h = motion.region, motion.variable, motion.drift
    assert h is not None
    condition = "h(s) is non-decreasing"
    if s not in h.free_symbols:
        return Check(condition, "it is constant", "necessary")
    if region.integer:
        last = None if region.largest is None else region.largest - 1
        shorter = Region(s, region.smallest, last, True, region.where, region.values)
        return show(motion.theorem, condition, "necessary", h.subs(s, s + 1), h, shorter, name="h(s + 1)")
    if h.has(sympy.Piecewise, sympy.floor, sympy.ceiling, sympy.sign):  # the derivative doesn't see a jump
        raise PreconditionError(motion.theorem, condition, advice="h has jumps; give a continuous lower bound on it")
    slope = sympy.diff(h, s)
    return show(motion.theorem, condition, "necessary", slope, sympy.Integer(0), region, name="h'(s)")


def _from_steps(cls: type[VariableDrift], motion: Motion, envelope: bool) -> Bound:
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
    top = motion.begin()
    end = max(points) if not top.is_Rational else top
    value, before = sympy.Integer(0), sympy.Integer(0)
    for x, height in zip(points, heights):
        if x > end:
            break
        value, before = value + (_rational(x) - before) / _rational(height), _rational(x)
    if _rational(end) > before:
        raise InputError(f"start: {end} is no value of the potential; the next smaller one is {before}")
    checks = [
        Check(f"X_t = 0 or X_t >= {points[0]}", "exactly at all states", "necessary"),
        Check("h(s) > 0", f"exactly at all {len(motion.table)} states with X > 0", "necessary"),
        Check("h(s) is non-decreasing", how, "necessary"),
    ]
    return Bound(
        "E[T]", "upper", value, motion.conditions, "derived", motion.speaks_of, source=cls.source,
        derivation=cls._derivation(motion, "h(s) = the smallest drift among the states with X = s, a step function", checks),
    )  # fmt: skip
