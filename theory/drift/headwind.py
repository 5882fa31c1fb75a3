"""Headwind drift: towards the goal on average only far from it, with a bounded wind against.

Cf. T. Kötzing, A. Lissovoi, C. Witt, *(1+1) EA on generalized dynamic OneMax*, FOGA 2015; the version here is self-contained
and its proof stands below.

Notation: X_t in {0, ..., N}; p_k = P(X_{t+1} <= k - 1 | X_t = k); q_{k,j} = P(X_{t+1} >= k + j | X_t = k).

Theorem. With w_k = (1 + sum_{j >= 1} q_{k,j} w_{k+j}) / p_k, defined backwards from k = N, E[T | X_0 = s] <= w_1 + ... + w_s.
Proof. g(s) = w_1 + ... + w_s loses at least w_k when X falls from k, and gains w_{k+j} only if X rises by j or more; so
its drift is at least p_k w_k - sum_j q_{k,j} w_{k+j} = 1. Additive drift gives E[T] <= g(X_0). If X falls by at most one, all of
this is equality.
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

SOURCE = Source(
    "headwind drift (cf. Kötzing, Lissovoi, Witt 2015)",
    '@inproceedings{KoetzingLissovoiWitt2015,\n  author = {K{\\"o}tzing, Timo and Lissovoi, Andrei and Witt, Carsten},\n'
    "  title = {(1+1) {EA} on generalized dynamic {OneMax}},\n"
    "  booktitle = {Foundations of Genetic Algorithms (FOGA XIII)},\n  year = {2015},\n}",
)


class HeadwindDrift(DriftTheorem):
    """E[T | X_0 = s] <= w_1 + ... + w_s, where w_k = (1 + sum_{j >= 1} P(X rises by >= j from k) w_{k+j}) / P(X falls from k).

    In full: X_t lives on {0, ..., N}, T = min{t : X_t = 0}, the probabilities are those of one step from k, and the w_k are
    defined backwards from k = N. Every p_k = P(X falls from k) must be positive. Exact for chains that fall by at most one.
    Source: cf. Kötzing, Lissovoi, Witt (2015); the proof stands at the head of this file.

    Examples
    --------
    >>> from theory import Metropolis, OneMax
    >>> from theory.exact import expected_runtime
    >>> process = Metropolis("n").on(OneMax())          # falls by one at most: exact
    >>> bound = HeadwindDrift.apply(process, start=6, n=6)
    >>> round(bound.evaluate(n=6), 9) == round(expected_runtime(process, n=6, start=6), 9)
    True
    """

    name = "headwind drift"
    statement = "E[T] <= w_1 + ... + w_s, as the potential w_1 + ... + w_k has drift at least 1"
    source = SOURCE
    preconditions = (
        Precondition("p_k > 0 for k = 1, ..., N", "necessary", "a state from which X never falls has E[T] infinite"),
    )

    @classmethod
    def apply(cls, drift: Any, start: Any = None, **values: Any) -> Bound:
        """Bound E[T] from above.

        Parameters
        ----------
        drift : Process, or list of rows {next state: probability}
            The chain on 0, ..., N; a process is read exactly at the given n and c.
        start : int, optional
            X_0; default: N, the worst.
        **values
            n and c of a process.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
            Naming the state from which X can't fall.
        """
        law = read_law(drift, values)
        top = len(law.rows) - 1
        begin = top if start is None else start
        if isinstance(begin, bool) or not isinstance(begin, int) or not 0 <= begin <= top:
            raise InputError(f"start: {start!r} must be an integer from 0 to {top}")
        total = sum(weights(law.rows)[1 : begin + 1], Fraction(0))
        arguments = (("source", law.source), ("values", law.values), ("start", begin))
        fact = Computation("theory.drift.headwind:sum_of_weights", arguments, total, f"w_1 + ... + w_{begin}")
        derivation = Derivation(
            f"{cls.name} (cf. Kötzing, Lissovoi, Witt 2015)", cls.statement, "X_t, the state of the chain",
            "the potential w_1 + ... + w_k has drift at least 1", f"1 <= k <= {top}", (f"Read from {law.name}.",),
            (
                Check("p_k > 0 for k = 1, ..., N", "exactly at all states", "necessary"),
                Check("the weights", "in fractions", "premise", fact),
            ),
            conclusion=applied("a potential of drift at least 1", law.conditions, start=sympy.Rational(total)),
        )  # fmt: skip
        speaks: Any = "any" if begin == top else law.start(begin)
        expr = sympy.Rational(total.numerator, total.denominator)
        return Bound("E[T]", "upper", expr, law.conditions, "derived", speaks, source=SOURCE, derivation=derivation)


def weights(rows: Any) -> list[Fraction]:
    """w_0 = 0, w_1, ..., w_N.

    >>> weights([{0: 1}, {0: Fraction(1, 2), 1: Fraction(1, 2)}])
    [Fraction(0, 1), Fraction(2, 1)]
    """
    w = [Fraction(0)] * len(rows)
    for k in range(len(rows) - 1, 0, -1):
        falls = sum((x for to, x in rows[k].items() if to < k), Fraction(0))
        if not falls:
            raise PreconditionError(HeadwindDrift.name, "p_k > 0 for k = 1, ..., N", f"k = {k}: X never falls")
        against = sum((x * sum(w[k + 1 : to + 1], Fraction(0)) for to, x in rows[k].items() if to > k), Fraction(0))
        w[k] = (1 + against) / falls
    return w


def sum_of_weights(source: Any, values: Any, start: int) -> Fraction:
    """w_1 + ... + w_start of the chain that a derivation names."""
    return sum(weights(again(source, values).rows)[1 : start + 1], Fraction(0))
