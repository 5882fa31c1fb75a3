"""Concentration of hitting times under bounded steps.

T. Kötzing, *Concentration of first hitting times under additive drift*, Algorithmica 75 (2016); the form here follows from
Hoeffding's lemma, and its proof stands below.

Notation: |X_{t+1} - X_t| <= K, T = min{t : X_t <= 0}, drift E[X_t - X_{t+1} | X_t].

Theorem. (a) If the drift is at least eps > 0 while X_t > 0, then P(T > s) <= exp(-s eps^2/(8 K^2)) for every s >= 2 X_0/eps.
(b) If it is at most eps > 0, then P(T < s) <= exp(-X_0^2/(8 K^2 s)) for every s <= X_0/(2 eps).
Proof. The decreases less their drifts, stopped at T, add up to a martingale M whose steps range over intervals of length
2K, so that P(M_s >= x) and P(M_s <= -x) are at most exp(-2 x^2/(s (2K)^2)) = exp(-x^2/(2 s K^2)) (Azuma, Hoeffding). (a) On
{T > s} the decreases add up to less than X_0, so M_s < X_0 - s eps <= -s eps/2. (b) On {T < s} they reach X_0 by T, so M_s
= M_T >= X_0 - s eps >= X_0/2.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition
from theory.drift.laws import again, read_law
from theory.errors import InputError, PreconditionError
from theory.facts import Computation
from theory.lemmas import applied
from theory.symbols import t

KOETZING = Source(
    "concentration under additive drift (Kötzing 2016)",
    '@article{Koetzing2016,\n  author = {K{\\"o}tzing, Timo},\n'
    "  title = {Concentration of first hitting times under additive drift},\n"
    "  journal = {Algorithmica},\n  volume = {75},\n  year = {2016},\n}",
)


class Concentration(DriftTheorem):
    """P(T > s) <= exp(-s eps^2/(8 K^2)) for s >= 2 X_0/eps, or P(T < s) <= exp(-X_0^2/(8 K^2 s)) for s <= X_0/(2 eps).

    In full: let |X_{t+1} - X_t| <= K, T = min{t : X_t <= 0} and eps > 0. If E[X_t - X_{t+1} | X_t = x] >= eps for every x >
    0, the first holds (late arrivals); if it is at most eps, the second (early ones, ``early=True``). Source: Kötzing (2016);
    the proof stands at the head of this file.

    Examples
    --------
    >>> rows = [{0: 1}] + [{k - 1: "3/4", min(k + 1, 40): "1/4"} for k in range(1, 41)]
    >>> late = Concentration.apply(rows, start=20)
    >>> print(late.quantity, late.conditions_text, round(late.evaluate(t=200), 6))
    P[T > t] t >= 80 0.00193
    """

    name = "concentration"
    statement = "P(T > s) <= exp(-s eps^2/(8 K^2)) for s >= 2 X_0/eps; P(T < s) <= exp(-X_0^2/(8 K^2 s)) for s <= X_0/(2 eps)"
    source = KOETZING
    preconditions = (
        Precondition("|X_{t+1} - X_t| <= K", "necessary", "X to 0 with probability eps/X_0, else it stays: T is geometric"),
        Precondition("drift >= eps (late) or <= eps (early)", "necessary", "a state that is never left has T infinite"),
        Precondition("eps > 0", "technical", "the range of s is empty otherwise"),
    )

    @classmethod
    def apply(cls, drift: Any, start: Any = None, *, early: bool = False, steps: Any = None, **values: Any) -> Bound:
        """Bound P(T > t), or P(T < t) (``early``).

        Parameters
        ----------
        drift : Process, or list of rows {next state: probability}
        start : int, optional
            X_0; default: the largest state.
        early : bool
        steps : int, optional
            K; default: the largest step of the chain. With standard bit mutation that is n: give a smaller one only for a chain
            that keeps to it.
        **values
            n and c of a process.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        law = read_law(drift, values)
        top = len(law.rows) - 1
        begin = top if start is None else start
        if isinstance(begin, bool) or not isinstance(begin, int) or not 1 <= begin <= top:
            raise InputError(f"start: {start!r} must be an integer from 1 to {top}")
        eps, most = extremes(law.source, law.values, early)
        if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or steps < 1):
            raise InputError(f"steps: {steps!r} must be a positive integer")
        if steps is not None and steps < most:
            raise PreconditionError(cls.name, "|X_t+1 - X_t| <= K", f"a step of {most} against K = {steps}")
        reach = most if steps is None else steps
        if eps <= 0:
            raise PreconditionError(cls.name, "eps > 0", f"the {'largest' if early else 'smallest'} drift is {float(eps):.6g}")
        arguments = (("source", law.source), ("values", law.values), ("early", early))
        about = f"the {'largest' if early else 'smallest'} drift is {eps}, the largest step {most}"
        fact = Computation("theory.drift.concentration:extremes", arguments, (eps, most), about)
        e = sympy.Rational(eps.numerator, eps.denominator)
        speaks = law.start(begin)
        if early:
            expr, when = sympy.exp(-sympy.Rational(begin**2, 8 * reach**2) / t), sympy.Le(t, begin / (2 * e), evaluate=False)
            last = applied("concentration, early", (*law.conditions, when), start=begin, K=reach)
        else:
            expr, when = sympy.exp(-t * e**2 / (8 * reach**2)), sympy.Ge(t, 2 * begin / e, evaluate=False)
            last = applied("concentration, late", (*law.conditions, when), eps=e, K=reach)
        derivation = Derivation(
            f"{cls.name} (Kötzing 2016)", cls.statement, "X_t, the state of the chain",
            f"E[X_t - X_t+1 | X_t] {'<=' if early else '>='} {eps}", "X_t > 0", (f"Read from {law.name}.",),
            (
                Check("the drift and the steps", "exactly at all states", "necessary", fact),
                Check("eps > 0", "exactly", "technical"),
            ),
            conclusion=last,
        )  # fmt: skip
        quantity = "P[T < t]" if early else "P[T > t]"
        return Bound(quantity, "upper", expr, (*law.conditions, when), "derived", speaks, source=KOETZING, derivation=derivation)


def extremes(source: Any, values: Any, early: bool) -> tuple[Fraction, int]:
    """The smallest drift (``early``: the largest) over the states X > 0, and the largest step."""
    rows = again(source, values).rows
    drifts = [sum((p * (x - to) for to, p in row.items()), Fraction(0)) for x, row in enumerate(rows) if x]
    return (max if early else min)(drifts), max(abs(x - to) for x, row in enumerate(rows) if x for to in row)
