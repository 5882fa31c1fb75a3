"""Multiplicative drift, upper bound with its tail.

B. Doerr, D. Johannsen, C. Winzen, *Multiplicative drift analysis*, Algorithmica 64 (2012), Theorem 3; the tail is that of
B. Doerr, L. A. Goldberg, *Adaptive drift analysis*, Algorithmica 65 (2013), in the form before 1 - delta <= e^-delta is used.

Notation: X_0 ``start``, s_min ``smallest``, delta ``delta``.
"""

from __future__ import annotations

from typing import Any

import sympy

from theory.bound import Bound
from theory.derivation import Check
from theory.drift.base import DriftTheorem, Precondition, _expression, read
from theory.drift.overshoot import no_overshoot
from theory.drift.sources import DOERR_GOLDBERG, DOERR_JOHANNSEN_WINZEN
from theory.drift.starts import is_law, law_of
from theory.errors import InputError, PreconditionError
from theory.lemmas import applied
from theory.symbols import t
from theory.text import formula


class MultiplicativeDrift(DriftTheorem):
    """If X_t is 0 or at least s_min > 0, and E[X_t - X_{t+1} | X_t = s] >= delta s, then E[T] <= (1 + ln(X_0/s_min)) / delta.

    And P[T > t] <= (1 - delta)^t X_0/s_min for every integer t >= 0 (``tail=True``), since E[X_t] <= (1 - delta)^t X_0 and
    X_t >= s_min on {T > t}. As 1 - delta <= e^-delta this is at most e^-r at t = (r + ln(X_0/s_min))/delta: the tail as Lengler
    (*Drift analysis*, 2020) and Lengler and Steger (2018) state it.

    For a random start of mean m (``mean=m``): E[T] <= (1 + ln m)/delta if X is an integer, s_min = 1 and m >= 1, since
    1 + ln x, with the value 0 at 0, is concave on the integers; and the tail with m in the place of X_0.

    Examples
    --------
    >>> from theory import c, k, n
    >>> p = c / n
    >>> bound = MultiplicativeDrift.apply(drift=k * p * (1 - p) ** (n - 1), start=n, where=(c < n,))
    >>> print(bound)
    E[T] <= n*(1 - c/n)**(1 - n)*(log(n) + 1)/c   upper, c < n, any start   multiplicative drift (Doerr, Johannsen, Winzen 2012)
    >>> MultiplicativeDrift.apply(drift=k**2 / n**2, delta=1 / n, start=n)
    Traceback (most recent call last):
    ...
    theory.errors.PreconditionError: multiplicative drift: the condition 'drift >= k/n' fails at k = 1, n = 2: drift 0.25 < 0.5
    """

    name = "multiplicative drift"
    statement = "E[T] <= (1 + ln(X_0/s_min)) / delta and P[T > t] <= (1 - delta)^t X_0/s_min"
    source = DOERR_JOHANNSEN_WINZEN
    preconditions = (
        Precondition("X_t = 0 or X_t >= s_min > 0", "necessary", "X_{t+1} = X_t/2 has drift X_t/2 and never reaches 0"),
        Precondition("drift >= delta s wherever X_t = s > 0", "necessary", "a state that is never left has E[T] infinite"),
        Precondition("delta > 0", "necessary", "a chain that drifts away has a delta below 0, and the bound would be negative"),
    )

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, mean: Any = None, delta: Any = None, tail: bool = False, potential: Any = None,
        smallest: Any = None, largest: Any = None, lowest: Any = None, where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound E[T] from above, or its tail.

        Parameters
        ----------
        drift : expression in k or v, Process, or Chain
            A lower bound on E[X_t - X_{t+1} | X_t]; a Process is read exactly at the given n and c.
        start : expression, {value: probability} or "uniform", optional
            X_0, or its law, over which the bound is averaged; default: the chain's state, or the largest value of the process's
            potential.
        mean : expression, optional
            Instead of start: E[X_0].
        delta : expression, optional
            Default: drift/s, if that is constant; its smallest value for a process.
        tail : bool
            Bound P[T > t] instead.
        potential, smallest, largest, lowest, where, **values
            As in :meth:`AdditiveDriftUpper.apply`; ``smallest`` is s_min (1 for integers).

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
        if is_law(mean):
            raise InputError("mean: is a number or an expression; a law is given as start=")
        begin = mean if mean is not None else start
        motion = read(
            cls.name,
            drift,
            None if is_law(begin) else begin,
            potential=potential,
            smallest=smallest,
            largest=largest,
            lowest=lowest,
            where=where,
            values=values,
        )
        s = motion.variable
        low = motion.put(motion.region.smallest)
        if not motion.table and low == 0:
            raise PreconditionError(
                cls.name, "X_t = 0 or X_t >= s_min > 0", advice="give smallest=, the smallest positive value of X"
            )
        rate = motion.infimum(ratio=True) if delta is None else _expression(delta, "delta")
        checks = [
            Check(
                f"X_t = 0 or X_t >= {formula(low)}",
                "exactly at all states"
                if motion.table
                else "X is an integer"
                if low == 1 and motion.region.integer
                else "as declared (smallest=)",
                "necessary",
            ),
            no_overshoot(drift, motion, lowest, values, allowed=False),
            motion.positive("s_min > 0", "necessary", low),
            motion.positive("delta > 0", "necessary", rate),
            motion.at_least(f"drift >= {formula(rate * s)}", "necessary", rate * s),
        ]
        law = law_of(start, motion) if mean is None and is_law(start) else None
        rate = motion.put(rate)
        x0 = motion.begin() if law is None else law.mean
        steps = []
        if mean is not None and not tail:
            if not (motion.region.integer and low == 1):
                raise InputError("mean: needs an integer potential with smallest = 1; for others give start, the largest X_0")
            checks.append(motion.require("E[X_0] >= 1", "necessary", x0, sympy.Integer(1)))
            steps.append(
                "1 + ln x (0 at x = 0) is concave on the integers, so by Jensen's inequality X_0 may be replaced by its mean."
            )
        elif law is not None:
            if law.pairs is None and low != 1:
                raise InputError("start: 'uniform' needs smallest = 1, as X_0 may be 1")
            for x in law.values:
                checks.append(motion.require("X_0 = 0 or X_0 >= s_min", "technical", x if x != 0 else low, low))
            steps.append("The bound holds from every X_0, so on average over its law.")
        elif mean is None:  # 1 + ln(X_0/s_min) speaks of starts before the goal
            checks.append(motion.require("X_0 >= s_min", "technical", x0, low))
        if tail:
            expr = x0 / low * (1 - rate) ** t
        elif law is not None:
            expr = law.average(lambda x: (1 + sympy.log(x / low)) / rate)
        else:
            expr = (1 + sympy.log(x0 / low)) / rate
        later = (sympy.Ge(t, 1, evaluate=False),) if tail and rate == 1 else ()  # sympy: 0^t = 0, as its t is positive; 0^0 = 1
        conditions = (*motion.conditions, *later)
        last = None
        if tail or law is None:
            last = applied("multiplicative drift" + (", tail" if tail else ""), conditions, start=x0, low=low, delta=rate)
        return Bound(
            "P[T > t]" if tail else "E[T]", "upper", expr, conditions, "derived",
            f"E[X_0] = {formula(x0)}" if mean is not None else motion.speaks_of if law is None else law.speaks_of,
            source=DOERR_GOLDBERG if tail else cls.source,
            derivation=cls._derivation(motion, f"E[X_t - X_t+1 | X_t = {s}] >= {formula(rate * s)}", checks, steps, rate * s,
                                       last),
        )  # fmt: skip
