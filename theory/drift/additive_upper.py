"""Additive drift, upper bound.

J. He, X. Yao, *Drift analysis and average time complexity of evolutionary algorithms*, Artificial Intelligence 127 (2001);
for general state spaces T. Kötzing, M. Krejca, *First-hitting times under drift*, TCS 796 (2019).

Notation: X_0 ``start``, delta ``delta``, the smallest value that X_T can take ``lowest`` (0: no overshoot).
"""

from __future__ import annotations

from typing import Any

import sympy

from theory.bound import Bound
from theory.drift.base import DriftTheorem, Precondition, _expression, read
from theory.drift.overshoot import no_overshoot
from theory.drift.sources import HE_YAO
from theory.drift.starts import is_law, law_of
from theory.lemmas import applied
from theory.text import formula


class AdditiveDriftUpper(DriftTheorem):
    """If X_t >= 0 and E[X_t - X_{t+1} | X_t = s] >= delta > 0 for all s > 0, then E[T] <= X_0 / delta.

    With overshoot, that is where X_T may be negative but never below ``lowest``, E[T] <= (X_0 - lowest) / delta.

    Notes
    -----
    Overshoot matters: from X_0 = 1, jump to 1 - M with probability 1/M, else stay. The drift is 1, and E[T] = M.

    Examples
    --------
    >>> from theory import k, n
    >>> bound = AdditiveDriftUpper.apply(drift=1 / n, start=n)
    >>> print(bound)
    E[T] <= n**2   upper, any start   additive drift (He, Yao 2001)
    >>> AdditiveDriftUpper.apply(drift=k / n, delta=2 / n, start=n)
    Traceback (most recent call last):
    ...
    theory.errors.PreconditionError: additive drift, upper bound: the condition 'drift >= 2/n' fails at k = 1, n = 1: drift 1 < 2
    """

    name = "additive drift, upper bound"
    statement = "E[T] <= (X_0 - E[X_T]) / delta, as X_t + delta t is a supermartingale until T"
    source = HE_YAO
    preconditions = (
        Precondition("delta > 0", "necessary", "a walk that drifts away by 1 has delta = -1, and X_0/delta is negative"),
        Precondition("drift >= delta wherever X > 0", "necessary", "a state that is never left has E[T] infinite"),
        Precondition("X_t >= 0 (or X_t >= lowest)", "necessary", "from 1, jump to 1 - M with probability 1/M: drift 1, E[T] = M"),
    )

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, delta: Any = None, lowest: Any = None, potential: Any = None, smallest: Any = None,
        largest: Any = None, where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound E[T] from above.

        Parameters
        ----------
        drift : expression in k or v, Process, or Chain
            A lower bound on E[X_t - X_{t+1} | X_t]; a Process is read exactly at the given n and c.
        start : expression, {value: probability} or "uniform", optional
            X_0, or its law, over which the bound is averaged ("uniform": X = k ~ Bin(n, 1/2), or the potential of a uniform
            point of the process); default: the chain's state, or the largest value of the process's potential.
        delta : expression, optional
            Default: the drift, if constant; the smallest drift of a process.
        lowest : expression, optional
            The smallest value that X can take, if below 0.
        potential : optional
            Of a process: an expression in k and v, 2^n numbers, or a function of the bits; default k, on LeadingOnes n - v.
            Beside an expression: what X is, in words; without them X = k is the number of zero-bits.
        smallest, largest : expression, optional
            The range of X > 0; ``largest`` is n for an expression in k and n unless ``potential`` names another X, and the
            derivation says so.
        where : tuple of relationals
            Assumed of n and c, e.g. ``(c < n,)``.
        **values
            n and c (c may be a pair: an interval).

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
        """
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
        rate = motion.infimum(ratio=False) if delta is None else _expression(delta, "delta")
        checks = [
            motion.positive("delta > 0", "necessary", rate),
            motion.at_least(f"drift >= {formula(rate)}", "necessary", rate),
            no_overshoot(drift, motion, lowest, values),
        ]
        if lowest is not None:
            checks.append(motion.require("lowest <= 0", "necessary", sympy.Integer(0), motion.lowest, name="0"))
        least, rate_here = motion.put(motion.lowest), motion.put(rate)
        law = law_of(start, motion) if is_law(start) else None
        expr = (motion.begin() - least) / rate_here if law is None else law.average(lambda x: (x - least) / rate_here)
        speaks = motion.speaks_of if law is None else law.speaks_of
        mean = motion.begin() if law is None else law.mean
        last = applied("additive drift", motion.conditions, start=mean, lowest=least, delta=rate_here)
        return Bound(
            "E[T]", "upper", expr, motion.conditions, "derived", speaks, source=cls.source,
            derivation=cls._derivation(motion, f"E[X_t - X_t+1 | X_t] >= {formula(rate)}", checks, drift_expr=rate,
                                       conclusion=last),
        )  # fmt: skip
