"""Negative drift in Hajek's form, with explicit numbers.

B. Hajek, *Hitting-time and occupation-time bounds implied by drift analysis with applications*,
Advances in Applied Probability 14
(1982); the form here is self-contained and its proof stands below.

Notation: an interval a < b of length l = b - a, lambda > 0; T = min{t : X_t <= a}.

Theorem. If E[exp(-lambda (X_{t+1} - X_t)) | X_t = x] <= 1 for a < x < b, and D is at least
E[exp(-lambda (X_{t+1} - b)); X_{t+1} < b | X_t = x] for every x >= b, then from X_0 >= b, P(T <= t) <= t D exp(-lambda l) for
every t, and so E[T] >= exp(lambda l) / (2 D).
Proof. A run reaches a only in an excursion below b. An excursion that starts with a step to X < b reaches a before it
returns with probability at most exp(-lambda (X - a)), as exp(-lambda (X_t - a)) is a supermartingale inside; averaged over
that step this is D exp(-lambda l) at most. At most t excursions start in t steps. E[T] >= sum over t >= 0 of max(0, 1 - t
q) >= 1/(2 q).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound, Source
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition
from theory.drift.laws import Law, again, read_law
from theory.errors import InputError, PreconditionError
from theory.facts import Computation
from theory.lemmas import applied
from theory.symbols import t
from theory.values import exact, number

HAJEK = Source(
    "negative drift (Hajek 1982)",
    "@article{Hajek1982,\n  author = {Hajek, Bruce},\n  title = {Hitting-time and occupation-time bounds implied by drift "
    "analysis with applications},\n  journal = {Advances in Applied Probability},\n"
    "  volume = {14},\n  number = {3},\n  pages = {502--525},\n"
    "  year = {1982},\n}",
)
_BITS = 192


class NegativeDriftHajek(DriftTheorem):
    """From X_0 >= b, P(T <= t) <= t D exp(-lambda (b - a)) and E[T] >= exp(lambda (b - a))/(2 D), T = min{t : X_t <= a}.

    In full: let a < b and lambda > 0. If E[exp(-lambda (X_{t+1} - X_t)) | X_t = x] <= 1 for every a < x < b, and D >=
    E[exp(-lambda (X_{t+1} - b)); X_{t+1} < b | X_t = x] for every x >= b, both hold, the first for every t. Source: Hajek (1982),
    in a form that is proved at the head of this file.

    The largest lambda is found by root finding, rounded down, and the condition verified at it in balls.

    Examples
    --------
    >>> up, down = Fraction(2, 3), Fraction(1, 3)       # a walk away from 0, reflected at 20
    >>> rows = [{0: 1}] + [{k - 1: down, k + 1: up} for k in range(1, 20)] + [{19: down, 20: up}]
    >>> bound = NegativeDriftHajek.apply(rows, a=0, b=19)
    >>> print(bound.quantity, bound.start, round(bound.evaluate(t=1000), 5))
    P[T <= t] X_0 >= 19 0.00127
    """

    name = "negative drift"
    statement = "P(T <= t) <= t D exp(-lambda (b - a)) and E[T] >= exp(lambda (b - a))/(2 D)"
    source = HAJEK
    preconditions = (
        Precondition("E[exp(-lambda (X_{t+1} - X_t)) | X_t = x] <= 1 for a < x < b", "necessary",
                     "a walk that falls for sure reaches a in b - a steps"),
        Precondition("D bounds the steps from b or above to below b", "necessary",
                     "a jump from b to a in one step with probability 1 has T = 1"),
        Precondition("lambda > 0", "technical", "with lambda = 0 the bound says nothing"),
    )  # fmt: skip

    @classmethod
    def apply(
        cls, drift: Any, start: Any = None, *, a: int = 0, b: Any = None, rate: Any = None, expected: bool = False, **values: Any
    ) -> Bound:  # fmt: skip
        """Bound P(T <= t) from above, or E[T] from below.

        Parameters
        ----------
        drift : Process, or list of rows {next state: probability}
        start : None
            The bound holds for every X_0 >= b.
        a, b : int
            The interval; b defaults to the one with the best bound.
        rate : number, optional
            lambda; by default the largest one for which the condition holds.
        expected : bool
            Bound E[T] instead.
        **values
            n and c of a process.

        Returns
        -------
        Bound

        Raises
        ------
        PreconditionError
            If no lambda > 0 fulfils the condition, with the state that prevents it.
        """
        if start is not None:
            raise InputError("start: the bound holds for every X_0 >= b; give b")
        law = read_law(drift, values)
        top = len(law.rows) - 1
        if isinstance(a, bool) or not isinstance(a, int) or not 0 <= a < top:
            raise InputError(f"a: {a!r} must be an integer from 0 to {top - 1}")
        given: Fraction | None = None
        if b is None:
            a, b, given = _best_interval(law, a)
        elif isinstance(b, bool) or not isinstance(b, int) or not a < b <= top:
            raise InputError(f"b: {b!r} must be an integer from a + 1 = {a + 1} to {top}")
        if rate is not None:
            lam = Fraction(exact(number(rate, "rate")))
        else:
            lam = _largest(law, a, b) if given is None else given
        if lam <= 0:
            raise PreconditionError(cls.name, "lambda > 0", f"lambda = {lam}")
        found = chance(law, a, b, lam)
        arguments = (("source", law.source), ("values", law.values), ("a", a), ("b", b), ("rate", lam), ("limit", found))
        fact = Computation(
            "theory.drift.negative_hajek:chance_is_at_most", arguments, True,
            f"an excursion below {b} reaches {a} with probability at most {float(found):.6g}", "balls",
        )  # fmt: skip
        derivation = Derivation(
            f"{cls.name} (Hajek 1982)", cls.statement, "X_t, the state of the chain",
            f"E[exp(-lambda (X_t+1 - X_t))] <= 1 with lambda = {float(lam):.6g}", f"{a} < X_t < {b}", (f"Read from {law.name}.",),
            (
                Check("lambda > 0", "exactly", "technical"),
                Check("E[exp(-lambda (X_t+1 - X_t)) | X_t = x] <= 1 for a < x < b, and D", "by ball arithmetic at all states",
                      "necessary", fact),
            ),
            conclusion=applied("rare excursions, mean" if expected else "rare excursions", law.conditions,
                               chance=sympy.Rational(found)),
        )  # fmt: skip
        q = sympy.Rational(found.numerator, found.denominator)
        speaks = f"X_0 >= {b}"
        if expected:
            return Bound("E[T]", "lower", 1 / (2 * q), law.conditions, "derived", speaks, source=HAJEK, derivation=derivation)
        return Bound("P[T <= t]", "upper", t * q, law.conditions, "derived", speaks, source=HAJEK, derivation=derivation)


def _moment(row: dict, x: int, lam: float) -> float:
    try:
        return sum(float(p) * math.exp(-lam * (to - x)) for to, p in row.items())
    except OverflowError:
        return math.inf


def _largest(law: Law, a: int, b: int) -> Fraction:
    """The largest lambda for which the condition holds, rounded down."""
    best = 64.0
    for x in range(a + 1, b):
        drift = sum(float(p) * (to - x) for to, p in law.rows[x].items())
        if drift <= 0:
            where = f"X_t = {x}: the drift away from a is {drift:.6g}"
            raise PreconditionError(NegativeDriftHajek.name, "E[exp(-lambda (X_t+1 - X_t))] <= 1 for some lambda > 0", where)
        best = min(best, _root(law.rows[x], x, best))
    return Fraction(best * (1 - 1e-9)).limit_denominator(10**12)


def _root(row: dict, x: int, high: float) -> float:
    """The largest lambda <= high with E[exp(-lambda step)] <= 1; the left side is convex and 1 at 0."""
    if _moment(row, x, high) <= 1:
        return high
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if _moment(row, x, middle) <= 1:
            low = middle
        else:
            high = middle
    return low


def _best_interval(law: Law, a: int) -> tuple[int, int, Fraction]:
    found: tuple[float, int, Fraction] | None = None
    for b in range(a + 1, len(law.rows)):
        try:
            lam = _largest(law, a, b)
        except PreconditionError:
            if b == a + 2 and found is None:
                raise
            break
        if lam > 0 and b > a + 1:
            worst = max(
                sum(float(p) * math.exp(-float(lam) * (to - b)) for to, p in row.items() if to < b) for row in law.rows[b:]
            )
            value = worst * math.exp(-float(lam) * (b - a))
            if found is None or value < found[0]:
                found = (value, b, lam)
    if found is None:
        raise PreconditionError(NegativeDriftHajek.name, "there is an interval with drift away from a", f"a = {a}")
    return a, found[1], found[2]


def _enclosed(law: Law, a: int, b: int, rate: Fraction) -> Any:
    """A ball around D exp(-lambda l), the condition verified at every state."""
    from flint import arb, ctx, fmpq

    with ctx.workprec(_BITS):
        lam = arb(fmpq(rate.numerator, rate.denominator))
        # factors exp(-lambda j) for all differences j, once each
        power = {j: (-lam * j).exp() for j in range(-len(law.rows), len(law.rows) + 1)}
        number_of = lambda p: arb(fmpq(p.numerator, p.denominator))  # noqa: E731
        for x in range(a + 1, b):
            moment = sum((number_of(p) * power[to - x] for to, p in law.rows[x].items()), arb(0))
            if not moment <= 1:
                condition = "E[exp(-lambda (X_t+1 - X_t)) | X_t = x] <= 1 for a < x < b"
                raise PreconditionError(NegativeDriftHajek.name, condition, f"X_t = {x}: {float(moment.mid()):.9g}")
        worst = arb(0)
        for row in law.rows[b:]:
            worst = worst.max(sum((number_of(p) * power[to - b] for to, p in row.items() if to < b), arb(0)))
        return worst * (-lam * (b - a)).exp()


def chance(law: Law, a: int, b: int, rate: Fraction) -> Fraction:
    """An upper bound on D exp(-lambda l), at most 2^-40 above it relatively.

    Raises
    ------
    PreconditionError
        If the condition can't be verified at some state.
    """
    ball = _enclosed(law, a, b, rate)
    man, exponent = ball.upper().man_exp()
    value = Fraction(int(man)) * Fraction(2) ** int(exponent)
    if value <= 0:
        return Fraction(1, 2**_BITS)  # below b is never entered
    shift = 48 - (value.numerator.bit_length() - value.denominator.bit_length())
    return (
        Fraction(-((-value.numerator * 2 ** max(shift, 0)) // (value.denominator * 2 ** max(-shift, 0))), 1)
        / Fraction(2) ** shift
    )


def chance_is_at_most(source: Any, values: Any, a: int, b: int, rate: Fraction, limit: Fraction) -> bool:
    """Whether the condition holds at every state and D exp(-lambda l) <= limit; rigorous."""
    from flint import arb, ctx, fmpq

    ball = _enclosed(again(source, values), a, b, Fraction(rate))
    with ctx.workprec(_BITS):
        return bool(ball <= arb(fmpq(limit.numerator, limit.denominator)))
