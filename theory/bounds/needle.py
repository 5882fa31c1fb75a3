"""Needle: exact, from the eigenvalues of mutation where ties are accepted, from one geometric time where they aren't.

Cf. J. Garnier, L. Kallel, M. Schoenauer, *Rigorous hitting times for binary mutations*, Evolutionary Computation 7 (1999).

Ties accepted: until the needle is found the current point is a random walk on the group {0,1}^n. Its characters are the
products of j coordinates, with eigenvalue l_j = (1-2p)^j (RLS: 1 - 2j/n), and the time to hit the identity from a point with k
zero-bits is the sum over characters chi other than 1 of (1 - chi(x)) / (1 - l). There are C(n, j) characters of degree j; their
values at x add up to the Krawtchouk number K_j(k) = sum over i of (-1)^i C(k, i) C(n-k, j-i). Over uniform x the K_j average
to 0.

Strict: the start never moves before the needle is hit, with probability p^k (1-p)^(n-k) each time.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import sympy
from sympy import Expr, Rational, Sum, Symbol, binomial, exp

from theory.balls import at
from theory.bounds.common import (
    BELOW_ONE,
    Bound,
    Check,
    Source,
    argument,
    concluding,
    for_constant,
    for_rate,
    is_ea,
    is_rls,
    p,
)
from theory.bounds.onemax_lower import with_fractions
from theory.domain import constant_of, rate_conditions
from theory.drift.sources import GARNIER_KALLEL_SCHOENAUER
from theory.errors import InputError
from theory.facts import CONSTANTS, Computation, DriftFact, Identity, LimitFact
from theory.lemmas import of
from theory.problems import Needle
from theory.process import Process
from theory.symbols import SYMBOLS, c, k, n
from theory.text import formula
from theory.values import number

j = Symbol("j", integer=True, positive=True)
i = Symbol("i", integer=True, nonnegative=True)
_HERE = "theory.bounds.needle:"


def bounds(process: Process) -> list[Bound]:
    """Exact values on Needle."""
    if not isinstance(process.problem, Needle):
        return []
    if is_rls(process):
        if process.algorithm.strict:
            return []
        return [b.with_(exact_function=functools.partial(_sum, None, b.start == k)) for b in _walk(process, j * 2 / n, ())]
    if not is_ea(process):
        return []
    rate = process.rate
    assert rate is not None
    here = with_fractions(process)
    if process.algorithm.strict:
        return [for_rate(b, rate) for b in _strict(here)]
    found = _walk(here, 1 - (1 - 2 * p) ** j, BELOW_ONE)
    exact = [for_rate(b, rate, exact_function=functools.partial(_sum, rate, b.start == k)) for b in found]
    constant = constant_of(rate)
    return exact if constant is None else [*exact, _leading_order(constant, found[0])]


def _leading_order(constant: Expr, exact: Bound) -> Bound:
    """2^n/(1 - e^-c) for the rate constant/n, from a uniform start."""
    middle, wide = (1 - 2 * c / n) ** (n / 2), (1 - 2 * c / n) ** (n / 2 + n ** Rational(2, 3))
    how, ratio, limit = "numerically, at n up to 10^160", 1 / (1 - middle), 1 / (1 - exp(-c))
    checks = (
        Check("(1 - 2c/n)^(n/2) tends to e^-c", how, "premise", LimitFact(middle, n, exp(-c))),
        Check("and so does (1 - 2c/n)^(n/2 + n^(2/3))", how, "premise", LimitFact(wide, n, exp(-c))),
        Check("so 1/(1 - (1 - 2c/n)^(n/2)) tends to 1/(1 - e^-c)", how, "premise", LimitFact(ratio, n, limit)),
        Check("n e^(-2 n^(1/3)) tends to 0", how, "premise", LimitFact(n * exp(-2 * n ** Rational(1, 3)), n, sympy.S.Zero)),
    )
    assert exact.derivation is not None
    derivation = argument(
        "the binomial law is concentrated",
        "2^-n C(n, j) is a probability, and all of it but 2 e^(-2 n^(1/3)) lies at |j - n/2| <= n^(2/3) (Hoeffding).",
        "There (1 - 2c/n)^j = e^-c (1 + o(1)), uniformly; elsewhere 1/(1 - (1 - 2c/n)^j) <= n/(2c), once 2c < n.",
        checks=checks,
        lemmas=(exact.derivation,),
    )
    leading = 2**n / (1 - exp(-constant))
    found = Bound("E[T]", "asymptotic", leading, rate_conditions(constant / n), start="uniform",
                  source=GARNIER_KALLEL_SCHOENAUER, derivation=derivation)  # fmt: skip
    return concluding(found, "leading term", for_constant(constant), ratio=ratio, limit=limit, order=2**n)


def _walk(process: Process, gap: Expr, conditions: tuple) -> list[Bound]:
    shift = 1 - 2 * p if process.rate is not None else (n - j) / n - j / n
    of_one_bit = (1 - p) - p if process.rate is not None else 1 - gap
    chi, eigenvalue = Symbol("chi", real=True), Symbol("l", real=True)
    about = "the drift of the sum is exactly 1 before the needle is found"
    checks = (
        Check("what a step does to the sign of a bit" if process.rate is not None else "P(none of j bits flips) - P(one does)",
              "symbolically", "premise", Identity(shift, of_one_bit)),
        Check("(1 - chi)/(1 - l) falls by -chi on average", "symbolically", "premise",
              Identity((1 - chi) / (1 - eigenvalue) - (1 - eigenvalue * chi) / (1 - eigenvalue), -chi)),
        Check("the characters but the trivial one add up to -1 at every point but the needle", "in integers, n <= 12", "premise",
              Computation(_HERE + "characters_add_up", (("n", 12),), True,
                          "the K_j(k) with j >= 1 add up to -1 for every k >= 1, and average to 0 over points (n <= 12)")),
        Check(about, "in fractions on the chain, n <= 6", "necessary",
              Computation(_HERE + "drift_is_one", (("process", process), ("n", 6), ("gap", gap.subs(j, k))), True,
                          f"{process}: {about} (n <= 6)")),
    )  # fmt: skip
    derivation = argument(
        "eigenvalues of mutation (cf. Garnier, Kallel, Schoenauer 1999)",
        "Until the needle is found the current point is a random walk on the group {0,1}^n.",
        f"Products chi of j coordinates are its eigenvectors; 1 minus the eigenvalue l is {formula(gap)}.",
        "h(x), the sum of (1 - chi(x))/(1 - l) over all chi but 1, is 0 at the needle; a step takes the sum of the -chi(x) off.",
        "All characters add up to 0 at every point but the needle, so that this is 1: h(x) = E[T] (additive drift, exact).",
        "The C(n, j) characters of degree j average to 0 over uniform x.",
        statement="E[T] = X_0, if X_t = h(x_t) is bounded, 0 at the needle alone, and falls by exactly 1 on average",
        checks=checks,
    )
    krawtchouk = Sum((-1) ** i * binomial(k, i) * binomial(n - k, j - i), (i, 0, j))
    uniform = Bound("E[T]", "exact", Sum(binomial(n, j) / gap, (j, 1, n)), conditions, start="uniform",
                    source=GARNIER_KALLEL_SCHOENAUER, derivation=derivation)  # fmt: skip
    from_k = uniform.with_(expr=Sum((binomial(n, j) - krawtchouk) / gap, (j, 1, n)), start=k)
    return [
        concluding(uniform, "characters, uniform start", gap=of(j, gap)),
        concluding(from_k, "characters", start=k, gap=of(j, gap)),
    ]


def krawtchouk_numbers(n: int, zeros: int) -> list[int]:
    """K_0(k), ..., K_n(k): the coefficients of (1-x)^k (1+x)^(n-k).

    >>> krawtchouk_numbers(3, 1)
    [1, 1, -1, -1]
    """
    from flint import fmpz_poly

    row = fmpz_poly([1, -1]) ** zeros * fmpz_poly([1, 1]) ** (n - zeros)
    return [int(row[i]) for i in range(n + 1)]


def characters_add_up(n: int) -> bool:
    """Decide, for all sizes up to n: the K_j(k), j >= 1, add up to -1 for every k >= 1, and average to 0 over uniform points.

    >>> characters_add_up(6)
    True
    """
    for size in range(1, n + 1):
        rows = [krawtchouk_numbers(size, zeros) for zeros in range(size + 1)]
        if any(sum(row[1:]) != -1 for row in rows[1:]):
            return False
        if any(sum(math.comb(size, zeros) * row[degree] for zeros, row in enumerate(rows)) for degree in range(1, size + 1)):
            return False
    return True


def drift_is_one(process: Process, n: int, gap: Expr) -> bool:
    """Decide, for all sizes up to n and several c: the sum of (C(n, j) - K_j(k))/gap(j) falls by 1 on average.

    Parameters
    ----------
    process : Process
    n : int
    gap : Expr
        1 minus the eigenvalue of the characters of degree j, in j = k and the rate p.

    Examples
    --------
    >>> from theory import RLS
    >>> size, process = SYMBOLS["n"], RLS().on(Needle())
    >>> drift_is_one(process, 3, 2 * k / size), drift_is_one(process, 3, k / size)
    (True, False)
    """
    from theory.drift import tables

    for size in range(1, n + 1):
        constants = [x for x in CONSTANTS if x < size] if "c" in process.needed else [None]
        for constant in constants:
            values = {"n": size} | ({} if constant is None else {"c": constant})
            try:
                checked = process.values(**values)
            except InputError:  # a rate of 1, say
                continue
            rate = None if process.rate is None else process.rational_rate(checked)
            if rate is not None and not 0 < rate < 1:
                continue
            put = {SYMBOLS["n"]: Rational(size)} | ({} if rate is None else {p: Rational(rate.numerator, rate.denominator)})
            gaps = [Fraction(number(gap.subs({**put, k: i}), "gap")) for i in range(size + 1)]
            if not all(gaps[1:]):
                return False
            height = [
                sum((math.comb(size, i) - x) / gaps[i] for i, x in enumerate(krawtchouk_numbers(size, zeros)) if i)
                for zeros in range(size + 1)
            ]
            states, rows, *_ = tables._chain(process, values, None)
            for zeros, row in enumerate(rows):
                if not states.end[zeros] and sum(x * (height[zeros] - height[to]) for to, x in row.items()) != 1:
                    return False
    return True


def _sum(rate: Expr | None, from_k: bool, values: dict) -> float:
    """The sum with all K_j(k) at once: they are the coefficients of (1-x)^k (1+x)^(n-k)."""
    from flint import arb, ctx, fmpq, fmpz_poly

    size, zeros = int(values["n"]), int(values.get("k", 0))
    if from_k and zeros == 0:
        return 0.0
    if size > 1100:
        return math.inf  # 2^n is beyond the floats
    ways = fmpz_poly([1, 1]) ** size
    if from_k:
        ways = ways - fmpz_poly([1, -1]) ** zeros * fmpz_poly([1, 1]) ** (size - zeros)
    put = {SYMBOLS[x]: Fraction(y) for x, y in values.items()}
    tiny = 0 if rate is None else max(0, -math.floor(float(at(rate, put, bits=64).log().mid()) / math.log(2)))
    with ctx.workprec(128 + tiny):  # 1 - (1-2p)^j loses the bits of 1/p
        if rate is None:
            return float(sum((arb(ways[i]) * arb(fmpq(size, 2 * i)) for i in range(1, size + 1)), arb(0)).mid())
        shrink = at(1 - 2 * rate, put, bits=120 + tiny)
        total, power = arb(0), arb(1)
        for i in range(1, size + 1):
            power = power * shrink
            total += arb(ways[i]) / (1 - power)
        return float(total.mid())


def _strict(process: Process) -> list[Bound]:
    assert process.rate is not None
    hit, x = p**k * (1 - p) ** (n - k), Symbol("x", positive=True)
    i_ = Symbol("i", integer=True, nonnegative=True)
    fact = DriftFact(process, hit.subs(p, process.rate), "==", quantity="leave", where=rate_conditions(process.rate))
    leave = Check("from k zero-bits the needle is hit with probability p^k (1-p)^(n-k)", "exactly on the chain", "premise", fact)
    powers = Check("the binomial theorem", "exactly at rational points", "premise",
                   Identity(Sum(binomial(n, i_) * x**i_, (i_, 0, n)), (1 + x) ** n))  # fmt: skip
    short = Check("q^-n (1 + q/p)^n = (p q)^-n, q = 1 - p", "symbolically", "premise",
                  Identity((1 - p) ** (-n) * (1 + (1 - p) / p) ** n, p ** (-n) * (1 - p) ** (-n), BELOW_ONE))  # fmt: skip
    steps = (
        "No offspring but the needle is accepted, and from k > 0 zero-bits it is hit with probability p^k (1-p)^(n-k).",
        "The mean over a uniform start is 2^-n times the sum over k >= 1 of C(n, k) p^-k (1-p)^(k-n).",
    )
    statement = "E[T] = 1/P(hit), as the start stays until the needle is hit"
    one = argument("geometric waiting time", steps[0], statement=statement, checks=(leave,))
    mean = argument("geometric waiting time", *steps, statement=statement, checks=(leave, powers, short))
    uniform = ((p * (1 - p)) ** (-n) - (1 - p) ** (-n)) / 2**n
    source, off = Source("geometric waiting time"), (*BELOW_ONE, sympy.Gt(k, 0, evaluate=False))
    found = Bound("E[T]", "exact", uniform, BELOW_ONE, start="uniform", source=source, derivation=mean)
    from_k = Bound("E[T]", "exact", 1 / hit, off, start=k, source=source, derivation=one)
    return [
        concluding(found, "geometric waiting time, uniform start", hit=of(k, hit)),
        concluding(from_k, "geometric waiting time", start=k, hit=of(k, hit)),
    ]
