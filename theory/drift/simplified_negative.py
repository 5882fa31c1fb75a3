"""Simplified negative drift, with explicit numbers.

P. S. Oliveto, C. Witt, *Simplified drift analysis for proving lower bounds in evolutionary computation*, Algorithmica 59
(2011), and its erratum (2012), which asks for the condition on the steps from X_t >= b, too. The statement there is
asymptotic; the one here is derived from Hajek's form (:mod:`theory.drift.negative_hajek`), and holds for every length.

Notation: X_t integer, a < b, l = b - a >= 2 ``length``, eps the drift away from a, r and delta those of the steps; T = min{t :
X_t <= a}.

Theorem. If for a < x < b (1) E[X_{t+1} - X_t | X_t = x] >= eps > 0 and (2) P(|X_{t+1} - X_t| >= j | X_t = x) <= r/(1 +
delta)^j for j = 1, 2, ..., and for x >= b (2') P(X_t - X_{t+1} >= j | X_t = x) <= r/(1 + delta)^j, then from X_0 >= b, with
lambda = eps ln^2(1 + delta/2)/r, P(T <= t) <= (1 + r) t exp(-lambda l) for every t, and E[T] >= exp(lambda l)/(2 (1 + r)).
Proof. Let y = ln(1 + delta/2) and S = |X_{t+1} - X_t|. Summing (e^(y j) - e^(y (j-1))) P(S >= j) over j >= 1, (2) gives E[e^(y
S)] <= 1 + r. For lambda <= y, e^(-lambda d) <= 1 - lambda d + (lambda/y)^2 (e^(y |d|) - 1), term by term; so E[exp(-lambda
(X_{t+1} - X_t))] <= 1 - lambda eps + (lambda/y)^2 r, which is 1 for lambda = eps y^2/r; and lambda <= y, as eps <= E[S] <=
E[e^(y S) - 1]/y <= r/y. From x >= b, exp(-lambda (X_{t+1} - b)) <= exp(y (X_t - X_{t+1})) on steps to below b, whose
expectation is at most 1 + r by (2'). Hajek's form with D = 1 + r.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition, _expression, _rational, _relations
from theory.drift.laws import Law, Row, again, read_law
from theory.drift.prover import Region, show
from theory.errors import InputError, PreconditionError
from theory.facts import Computation, Declared
from theory.lemmas import applied
from theory.process import Process
from theory.symbols import t
from theory.text import formula
from theory.values import exact, number

OLIVETO_WITT = Source(
    "simplified negative drift (Oliveto, Witt 2011)",
    "@article{OlivetoWitt2011,\n  author = {Oliveto, Pietro S. and Witt, Carsten},\n"
    "  title = {Simplified drift analysis for proving lower bounds in evolutionary computation},\n"
    "  journal = {Algorithmica},\n  volume = {59},\n  number = {3},\n  pages = {369--386},\n  year = {2011},\n}",
)
_DELTAS = tuple(Fraction(x) for x in ("1/8", "1/4", "1/2", "1", "2", "4", "8", "16"))


class SimplifiedNegativeDrift(DriftTheorem):
    """From X_0 >= b, P(T <= t) <= (1 + r) t exp(-lambda l) with lambda = eps ln^2(1 + delta/2)/r, T = min{t : X_t <= a}.

    In full: X_t is an integer, l = b - a >= 2. If for a < x < b (1) E[X_{t+1} - X_t | X_t = x] >= eps > 0 and (2) P(|X_{t+1}
    - X_t| >= j | X_t = x) <= r/(1 + delta)^j for j >= 1, and (2') for x >= b P(X_t - X_{t+1} >= j | X_t = x) <= r/(1 +
    delta)^j, it holds for every t, and E[T] >= exp(lambda l)/(2 (1 + r)). Source: Oliveto, Witt (2011, erratum 2012), with
    numbers that are derived at the head of this file.

    Examples
    --------
    >>> up, down = Fraction(3, 4), Fraction(1, 4)       # a walk away from 0, reflected at 200
    >>> rows = [{0: 1}] + [{k - 1: down, k + 1: up} for k in range(1, 200)] + [{199: down, 200: up}]
    >>> bound = SimplifiedNegativeDrift.apply(rows, b=199)
    >>> print(bound.start, f"{bound.evaluate(t=1000):.1e}")
    X_0 >= 199 3.7e-09
    >>> from theory import n
    >>> print(SimplifiedNegativeDrift.apply("1/2", length=n / 4, r=2, delta=1).expr)
    3*t*exp(-n*log(3/2)**2/16)
    """

    name = "simplified negative drift"
    statement = "P(T <= t) <= (1 + r) t exp(-lambda l) and E[T] >= exp(lambda l)/(2 (1 + r)), lambda = eps ln^2(1 + delta/2)/r"
    source = OLIVETO_WITT
    preconditions = (
        Precondition("drift away from a >= eps > 0 for a < x < b", "necessary",
                     "a walk that falls for sure reaches a in l steps"),
        Precondition("P(|X_{t+1} - X_t| >= j) <= r/(1 + delta)^j for a < x < b", "necessary",
                     "mostly one step down, seldom far up: the drift is up, and a is reached in l steps"),
        Precondition("P(X_t - X_{t+1} >= j) <= r/(1 + delta)^j for x >= b", "necessary",
                     "a jump from b to a with probability 1/2 has E[T] = 2 (the erratum's point)"),
        Precondition("r > 0, delta > 0, l >= 2", "technical", "the interval must have an inside; the bound divides by r"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, a: int = 0, b: Any = None, length: Any = None, r: Any = None, delta: Any = None,
        expected: bool = False, where: tuple = (), **values: Any,
    ) -> Bound:  # fmt: skip
        """Bound P(T <= t) from above, or E[T] from below (``expected``).

        Parameters
        ----------
        drift : Process, list of rows {next state: probability}, or expression
            A chain on 0, ..., N is read exactly. An expression is eps, declared with ``length``, ``r`` and ``delta``.
        start : None
            The bound holds for every X_0 >= b.
        a, b : int
            The interval of a chain; b defaults to the best one.
        length : expression
            l, beside an expression.
        r, delta : numbers or expressions
            Of a chain by default the best: delta of 1/8, 1/4, ..., 16, and the smallest r.
        expected : bool
        where, **values
            Assumed of n and c beside an expression; values of a process.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
            Naming the condition, and the state at which it fails.
        """
        if start is not None:
            raise InputError("start: the bound holds for every X_0 >= b; give b")
        if isinstance(drift, (Process, list)):
            if length is not None or where != ():
                raise InputError("length: belongs to a declared drift; of a chain give a and b")
            return _of_chain(cls, read_law(drift, values), a, b, r, delta, expected)
        if values:
            raise InputError(f"{next(iter(values))}: values belong to a process; write the expression with them")
        if length is None or r is None or delta is None:
            raise InputError("length: give length, r and delta beside a drift that is declared")
        width, height = _expression(r, "r"), _expression(delta, "delta")
        said = (
            "drift away from a >= eps for a < x < b, and some x lies inside",
            f"P(|X_t+1 - X_t| >= j | X_t = x) <= {formula(width)}/(1 + {formula(height)})^j for a < x < b",
            f"P(X_t - X_t+1 >= j | X_t = x) <= {formula(width)}/(1 + {formula(height)})^j for x >= b",
        )
        rate = sympy.log(1 + height / 2) ** 2 / width
        return declared(cls, drift, length, {"r": width, "delta": height}, said, rate, 1 + width, expected, where)


def declared(
    cls: type[DriftTheorem], drift: Any, length: Any, positive: dict[str, Expr], said: Sequence[str], rate: Expr, factor: Expr,
    expected: bool, where: Any,
) -> Bound:  # fmt: skip
    """The bound factor * t * exp(-eps rate l) from what the user declares."""
    eps, size = _expression(drift, "drift"), _expression(length, "length")
    conditions = _relations(where)
    region = Region(None, sympy.S.Zero, None, False, conditions, {})
    zero = sympy.Integer(0)
    checks = [show(cls.name, "eps > 0", "necessary", eps, zero, region, strict=True, name="eps")]
    for name, x in positive.items():
        checks.append(show(cls.name, f"{name} > 0", "technical", x, zero, region, strict=True, name=name))
    checks.append(show(cls.name, "l >= 0", "technical", size, zero, region, name="l"))
    checks += [Check(text, "as declared", "necessary", Declared(text)) for text in said]
    derivation = Derivation(
        f"{cls.name} ({cls.source.text.partition('(')[2].rstrip(')')})", cls.statement, "X_t", f"eps = {formula(eps)}",
        "a < X_t < b", checks=tuple(checks),
    )  # fmt: skip
    limits = tuple(w for w in conditions if w not in (True, sympy.true))
    given = {"eps": eps, "length": size, **positive}
    return finish(cls, factor, sympy.exp(-eps * rate * size), limits, "X_0 >= b", expected, derivation, given)


def finish(
    cls: type[DriftTheorem], factor: Expr, small: Expr, limits: tuple, speaks: str, expected: bool, derivation: Derivation,
    given: dict[str, Expr],
) -> Bound:  # fmt: skip
    """P(T <= t) <= factor t small, or E[T] >= 1/(2 factor small); ``given`` is what the theorem's lemma needs."""
    last = applied(cls.name + (", mean" if expected else ""), limits, **given)
    derivation = replace(derivation, conclusion=last)
    if expected:
        return Bound(
            "E[T]", "lower", 1 / (2 * factor * small), limits, "derived", speaks, source=cls.source, derivation=derivation
        )
    return Bound("P[T <= t]", "upper", factor * t * small, limits, "derived", speaks, source=cls.source, derivation=derivation)


def read_interval(law: Law, a: Any, b: Any) -> Sequence[int]:
    """The values of b to try: the one given, or all that leave an inside."""
    top = len(law.rows) - 1
    if isinstance(a, bool) or not isinstance(a, int) or not 0 <= a <= top - 2:
        raise InputError(f"a: {a!r} must be an integer from 0 to {top - 2}")
    if b is None:
        return range(a + 2, top + 1)
    if isinstance(b, bool) or not isinstance(b, int) or not a + 2 <= b <= top:
        raise InputError(f"b: {b!r} must be an integer from a + 2 = {a + 2} to {top}")
    return (b,)


def drift_away(row: Row, x: int) -> Fraction:
    """E[X_{t+1} - X_t | X_t = x].

    >>> drift_away({0: Fraction(1, 4), 3: Fraction(3, 4)}, 1)
    Fraction(5, 4)
    """
    return sum((p * (to - x) for to, p in row.items()), Fraction(0))


def tails(row: Row, x: int, down: bool) -> list[tuple[int, Fraction]]:
    """(j, P(the step is >= j)) for the lengths j >= 1 of the steps; ``down``: of those down.

    >>> tails({0: Fraction(1, 4), 3: Fraction(3, 4)}, 1, False)
    [(2, Fraction(3, 4)), (1, Fraction(1, 1))]
    """
    sizes: dict[int, Fraction] = {}
    for to, p in row.items():
        j = x - to if down else abs(x - to)
        if j >= 1:
            sizes[j] = sizes.get(j, Fraction(0)) + p
    result, above = [], Fraction(0)
    for j in sorted(sizes, reverse=True):
        above += sizes[j]
        result.append((j, above))
    return result


def least_width(rows: Sequence[Row], a: int, b: int, width: Callable[[int, Fraction], Fraction]) -> tuple[Fraction, int]:
    """The largest ``width(j, P(step >= j))`` over the states above a, and the state; from b on only steps down count."""
    found = (Fraction(0), a + 1)
    for x in range(a + 1, len(rows)):
        for j, chance in tails(rows[x], x, x >= b):
            found = max(found, (width(j, chance), x))
    return found


def smallest_drift(cls: type[DriftTheorem], law: Law, a: int, b: int) -> Fraction:
    """eps: the smallest drift away from a inside the interval, which must be positive."""
    eps, x = min((drift_away(law.rows[x], x), x) for x in range(a + 1, b))
    if eps <= 0:
        raise PreconditionError(
            cls.name, "drift away from a >= eps > 0 for a < x < b", f"X_t = {x}: the drift away from a is {float(eps):.6g}"
        )
    return eps


def _of_chain(cls: type[SimplifiedNegativeDrift], law: Law, a: Any, b: Any, r: Any, delta: Any, expected: bool) -> Bound:
    ends = read_interval(law, a, b)
    deltas = _DELTAS if delta is None else (Fraction(exact(number(delta, "delta"))),)
    given = None if r is None else Fraction(exact(number(r, "r")))
    if min(deltas) <= 0 or (given is not None and given <= 0):
        raise PreconditionError(cls.name, "r > 0, delta > 0", f"r = {r}, delta = {delta}")
    best: tuple[float, int, Fraction, Fraction, Fraction] | None = None
    refused: PreconditionError | None = None
    for end in ends:
        try:
            eps = smallest_drift(cls, law, a, end)
        except PreconditionError as error:
            refused = refused or error
            break
        for d in deltas:
            least, x = least_width(law.rows, a, end, lambda j, chance: chance * (1 + d) ** j)
            if given is not None and given < least:
                where = "P(X_t - X_t+1 >= j)" if x >= end else "P(|X_t+1 - X_t| >= j)"
                condition = f"{where} <= r/(1 + delta)^j for {'x >= b' if x >= end else 'a < x < b'}"
                refused = PreconditionError(cls.name, condition, f"X_t = {x}: r must be at least {float(least):.6g}")
                continue
            width = given or least
            exponent = float(eps) * math.log1p(float(d) / 2) ** 2 / float(width) * (end - a) - math.log1p(float(width))
            if best is None or exponent > best[0]:
                best = (exponent, end, eps, width, d)
    if best is None:
        assert refused is not None
        raise refused
    _, end, eps, width, d = best
    arguments = (("source", law.source), ("values", law.values), ("a", a), ("b", end), ("eps", eps), ("r", width), ("delta", d))
    about = f"(1) with eps = {eps}, (2) and (2') with r = {width}, delta = {d} on ({a}, {end})"
    fact = Computation("theory.drift.simplified_negative:conditions_hold", arguments, True, about)
    derivation = Derivation(
        f"{cls.name} (Oliveto, Witt 2011)", cls.statement, "X_t, the state of the chain",
        f"E[X_t+1 - X_t | X_t] >= {eps}", f"{a} < X_t < {end}", (f"Read from {law.name}.",),
        (
            Check("(1), (2) and (2')", "exactly at all states", "necessary", fact),
            Check("r > 0, delta > 0, l >= 2", "exactly", "technical"),
        ),
    )  # fmt: skip
    rate = _rational(eps) * sympy.log(1 + _rational(d) / 2) ** 2 / _rational(width)
    numbers = {"eps": _rational(eps), "r": _rational(width), "delta": _rational(d), "length": sympy.Integer(end - a)}
    small = sympy.exp(-rate * (end - a))
    return finish(cls, 1 + _rational(width), small, law.conditions, f"X_0 >= {end}", expected, derivation, numbers)


def conditions_hold(source: Any, values: Any, a: int, b: int, eps: Fraction, r: Fraction, delta: Fraction) -> bool:
    """Whether (1), (2) and (2') hold at every state, exactly."""
    rows = again(source, values).rows
    away = all(drift_away(rows[x], x) >= eps > 0 for x in range(a + 1, b))
    return b - a >= 2 and away and least_width(rows, a, b, lambda j, chance: chance * (1 + delta) ** j)[0] <= r


__all__ = ["OLIVETO_WITT", "SimplifiedNegativeDrift", "conditions_hold"]
