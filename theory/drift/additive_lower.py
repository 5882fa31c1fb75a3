"""Additive drift, lower bound.

J. He, X. Yao, *Drift analysis and average time complexity of evolutionary algorithms*, Artificial Intelligence 127 (2001).

Notation: X_0 ``start``, delta ``delta``; ``step_bound`` a bound on E|X_{t+1} - X_t|, or ``largest`` one on X itself.
"""

from __future__ import annotations

from typing import Any

from theory.bound import Bound
from theory.derivation import Check
from theory.drift.base import DriftTheorem, Precondition, _expression, read
from theory.drift.sources import HE_YAO
from theory.drift.starts import is_law, law_of
from theory.errors import InputError, PreconditionError
from theory.lemmas import applied
from theory.text import formula


class AdditiveDriftLower(DriftTheorem):
    """If E[X_t - X_{t+1} | X_t = s] <= delta for all s > 0 and E|X_{t+1} - X_t| <= K, then E[T] >= X_0 / delta.

    X_T < 0 is allowed: overshoot only helps.

    Notes
    -----
    The bound on the steps (or on the state space) is what makes optional stopping hold: X -> 0 or 2X, each with probability
    1/2, has drift 0 and E[T] = 2.

    Examples
    --------
    >>> from theory import c, k, n
    >>> print(AdditiveDriftLower.apply(drift=c / n * k, delta=c, start=n / 2, largest=n))
    E[T] >= n/(2*c)   lower, start with n/2 zero-bits   additive drift (He, Yao 2001)
    >>> AdditiveDriftLower.apply(drift=0, delta=1, start=1)
    Traceback (most recent call last):
    ...
    theory.errors.PreconditionError: additive drift, lower bound: the condition 'E|X_t+1 - X_t| <= K' can't be decided; ...
    """

    name = "additive drift, lower bound"
    statement = "E[T] >= (X_0 - E[X_T]) / delta >= X_0 / delta, by optional stopping of X_t + delta t"
    source = HE_YAO
    preconditions = (
        Precondition("drift <= delta wherever X > 0", "necessary", "one step from X_0 to 0 has E[T] = 1"),
        Precondition("E|X_{t+1} - X_t| <= K", "necessary", "X to 0 or 2X with probability 1/2 each: drift 0, E[T] = 2"),
        Precondition("delta > 0", "technical", "the bound divides by it; with drift <= 0 every delta > 0 will do"),
    )

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, delta: Any = None, step_bound: Any = None, potential: Any = None,
        smallest: Any = None, largest: Any = None, where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound E[T] from below; parameters as in :meth:`AdditiveDriftUpper.apply`.

        Parameters
        ----------
        drift : expression in k or v, Process, or Chain
            An upper bound on E[X_t - X_{t+1} | X_t].
        start : expression, {value: probability} or "uniform"
            X_0 or its law; needed unless the drift is that of a chain.
        step_bound : expression, optional
            A bound on E|X_{t+1} - X_t|; not needed where X itself is bounded.

        Returns
        -------
        Bound
        """
        motion = read(
            cls.name,
            drift,
            None if is_law(start) else start,
            potential=potential,
            smallest=smallest,
            largest=largest,
            where=where,
            side="upper",
            values=values,
        )
        rate = motion.infimum(ratio=False, below=False) if delta is None else _expression(delta, "delta")
        law = law_of(start, motion) if is_law(start) else None
        if motion.start is None and law is None:
            raise InputError("start: no value given; a lower bound needs X_0 as a number or an expression in n and c")
        checks = [motion.positive("delta > 0", "technical", rate), motion.at_most(f"drift <= {formula(rate)}", "necessary", rate)]
        if motion.finite or (largest is not None):
            checks.append(Check("E|X_t+1 - X_t| <= K", "X is bounded", "necessary"))
        elif step_bound is not None:
            checks.append(
                Check(
                    f"E|X_t+1 - X_t| <= {formula(_expression(step_bound, 'step_bound'))}",
                    "as declared (step_bound=)",
                    "necessary",
                )
            )
        else:
            raise PreconditionError(cls.name, "E|X_t+1 - X_t| <= K", advice="give step_bound= or largest=")
        begin = motion.begin() if law is None else law.mean
        speaks = motion.speaks_of if law is None else law.speaks_of
        if law is None and speaks == "any" and not hasattr(drift, "step"):  # a lower bound speaks of its own start only
            speaks = motion.begin() if motion.counts_zeros else f"X_0 = {motion.begin()}"
        last = applied("additive drift from below", motion.conditions, start=begin, delta=motion.put(rate))
        return Bound(
            "E[T]", "lower", begin / motion.put(rate), motion.conditions, "derived", speaks, source=cls.source,
            derivation=cls._derivation(motion, f"E[X_t - X_t+1 | X_t] <= {formula(rate)}", checks, drift_expr=rate,
                                       conclusion=last),
        )  # fmt: skip
