"""RLS, one flip a step: coupon collecting in closed form and to a target, where k alone is selected, and on Plateau.

B. Doerr, C. Doerr, Algorithmica 75 (2016), for the uniform start; T. Jansen, C. Zarges, TCS 545 (2014), for targets. The sums of
coupons themselves are in :mod:`theory.bounds.monotone`.

*Uniform start.* E[H_Z] = H_n - sum of 2^-j/j over j <= n, and the sum over all j is ln 2. What is left out is positive and at
most 2^-n/(n+1), so that n (H_n - ln 2) <= E[T] <= n (H_n - ln 2) + n 2^-n/(n+1).

*Accepting by zero-bits alone.* The partially ordered EA and Dynamic BinVal accept a single flipped zero-bit and reject a single
flipped one-bit: coupons again.

*Plateau*, ties accepted: on the plateau, k <= r, a zero-bit is gained with probability k/n and, for k < r, lost with (n-k)/n. The
expected time from k to k - 1 is w_k = n/k for k >= r and w_k = (1 + (n-k)/n w_{k+1}) n/k below, that is n/(k C(n, k)) times the
sum of C(n, j) over j = k, ..., r.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import sympy
from sympy import EulerGamma, Expr, Integer, Max, Min, Piecewise, Rational, Sum, Symbol, binomial, harmonic, log

from theory.bounds.common import (
    UNIFORM_HARMONIC,
    Bound,
    Check,
    argument,
    concluding,
    harmonic_of_uniform,
    is_rls,
    on_few_bits,
    ones_are_best,
    telescopes,
)
from theory.bounds.onemax_lower import at_least
from theory.derivation import Derivation
from theory.drift.headwind import SOURCE as HEADWIND
from theory.drift.sources import COUPONS
from theory.facts import Computation, DriftFact, Identity, Inequality, LimitFact
from theory.lemmas import applied, of
from theory.problems import Custom, DynamicBinVal, PartiallyOrderedEA, Plateau
from theory.process import Process
from theory.symbols import k, n

TARGET = Symbol("d", integer=True, nonnegative=True)
"""The number of zero-bits that is aimed at."""
_z, _j = Symbol("z", integer=True, positive=True), Symbol("j", integer=True, positive=True)
_m, _l = Symbol("m", integer=True, positive=True), Symbol("l", integer=True, nonnegative=True)
_HERE = "theory.bounds.rls:"


def bounds(process: Process) -> list[Bound]:
    """Bounds for RLS beyond the coupon collector's sums."""
    if not is_rls(process):
        return []
    problem = process.problem
    if isinstance(problem, (PartiallyOrderedEA, DynamicBinVal)):
        return _coupons(process)
    if isinstance(problem, Plateau):
        return [] if process.algorithm.strict else _plateau(process)
    if not problem.is_strictly_monotone or (isinstance(problem, Custom) and problem._target is not None):
        return []
    return closed(process)


# ---- coupons


def closed(process: Process) -> list[Bound]:
    """Both sides in closed form from a uniform start, as n grows, and to a target from k zero-bits.

    >>> from theory import RLS, OneMax
    >>> for bound in closed(RLS().on(OneMax()))[:2]:  # exact: 22.35903...
    ...     print(bound.direction, round(bound.evaluate(n=10), 5))
    lower 22.35821
    upper 22.3591
    """
    low, proof = n * (harmonic(n) - log(2)), _collected(process)
    high, exact = low + n * Rational(1, 2) ** n / (n + 1), n * UNIFORM_HARMONIC
    closed_form = argument("coupon collector", "E[T] = n E[H_Z], and what is left out of ln 2 is bounded.", lemmas=(proof,))
    uniform = Bound("E[T]", "lower", low, start="uniform", source=COUPONS, derivation=closed_form)
    upper = uniform.with_(direction="upper", expr=high)
    leading, limit = n * log(n) + (EulerGamma - log(2)) * n, EulerGamma - log(2)
    grown = argument(
        "coupon collector",
        "H_n = ln n + gamma + O(1/n), and 2^-n n/(n+1) tends to 0.",
        checks=[Check("H_n - ln 2 - ln n tends to gamma - ln 2", "numerically, at n up to 10^160", "premise",
                      LimitFact(low / n - log(n), n, limit))],
        lemmas=(proof,),
        conclusion=applied("second term", main=n * log(n), gap=low / n - log(n), limit=limit, order=n),
    )  # fmt: skip
    found = [
        concluding(uniform, "weakened from below", larger=exact, smaller=low),
        concluding(upper, "weakened from above", smaller=exact, larger=high),
        uniform.with_(direction="asymptotic", expr=leading, derivation=grown, remainder=n),
    ]
    return [*found, _to_target(process)] if ones_are_best(process) and not isinstance(process.problem, Custom) else found


def _gains(process: Process) -> tuple[Check, ...]:
    """k falls by 1 with probability k/n and never rises: the drifts of k and of k^2 say so, as one bit flips."""
    here, process = "exactly on the chain", on_few_bits(process)
    return (
        Check("k falls by 1 with probability k/n and never rises: the drift of k", here, "premise",
              DriftFact(process, k / n, "==", sizes=(1, 2, 3, 4))),
        Check("and the drift of k^2", here, "premise", DriftFact(process, k / n * (2 * k - 1), "==", k**2, sizes=(1, 2, 3, 4))),
    )  # fmt: skip


def _collected(process: Process) -> Derivation:
    """E[T] = n E[H_Z] and what is left out of ln 2."""
    half, exact, low = Rational(1, 2), n * UNIFORM_HARMONIC, n * (harmonic(n) - log(2))
    sizes: dict[str, Any] = {"variable": n, "low": Integer(1), "high": Integer(30), "integer": True}
    return argument(
        "coupon collector",
        "With k zero-bits the next one is found with probability k/n; from k zero-bits E[T] = n H_k.",
        "E[H_Z] = H_n - sum of 2^-j/j over j <= n for Z ~ Bin(n, 1/2), and the sum over all j is ln 2.",
        "The rest is positive and at most 2^-n/(n+1) (1/2 + 1/4 + ...).",
        statement="E[T] = n E[H_Z]",
        checks=(
            *_gains(process),
            Check("E[H_Z] rises by (1 - 2^-m-1)/(m+1) from m to m + 1 bits", "in fractions, n <= 20", "premise",
                  Computation(_HERE + "mean_of_harmonic", (("n", 20),), True,
                              "the mean of H_Z, Z ~ Bin(n, 1/2), is H_n less the sum of 2^-j/j over j <= n (n <= 20)")),
            Check("ln 2 less the first n terms is positive and at most 2^-n/(n+1)", "by balls, n <= 60", "premise",
                  Computation(_HERE + "rest_is_bounded", (("n", 60),), True,
                              "0 < ln 2 - sum of 2^-j/j over j <= n <= 2^-n/(n+1) (n <= 60)", "balls")),
            *telescopes("1/2 + ... + 2^-m = 1 - 2^-m", half ** (_l + 1), _l, 1 - half**_m, _m),
            Check("n E[H_Z] from below", "by balls, n <= 30", "premise", Inequality(exact, low, **sizes)),
            Check("and from above", "by balls, n <= 30", "premise",
                  Inequality(low + n * half**n / (n + 1), exact, **sizes)),
        ),
        conclusion=applied("one by one, uniform start", s=of(k, k / n)),
    )  # fmt: skip


def mean_of_harmonic(n: int) -> bool:
    """Decide in fractions, for all sizes up to n: the mean of H_Z, Z ~ Bin(n, 1/2), is H_n less the sum of 2^-j/j.

    >>> mean_of_harmonic(6)
    True
    """
    from fractions import Fraction
    from itertools import accumulate

    sums = [Fraction(0), *accumulate(Fraction(1, j) for j in range(1, n + 1))]
    for size in range(1, n + 1):
        mean = sum((math.comb(size, z) * sums[z] for z in range(size + 1)), Fraction(0)) / 2**size
        if mean != sums[size] - sum(Fraction(1, 2**j * j) for j in range(1, size + 1)):
            return False
    return True


def rest_is_bounded(n: int) -> bool:
    """Prove by balls, for all sizes up to n: 0 < ln 2 - sum of 2^-j/j over j <= n <= 2^-n/(n+1).

    >>> rest_is_bounded(10)
    True
    """
    from flint import arb, ctx

    with ctx.workprec(256):
        rest = arb(2).log()
        for j in range(1, n + 1):
            rest -= arb(1) / (2**j * j)
            if not (rest > 0 and rest <= arb(1) / (2**j * (j + 1))):
                return False
    return True


def _to_target(process: Process) -> Bound:
    """The first time with at most d zero-bits."""
    derivation = argument(
        "coupon collector",
        "From k > d zero-bits the numbers k, k - 1, ..., d + 1 are passed one by one, j of them taking n/j steps.",
        statement="E[T_d] = n (1/(d+1) + ... + 1/k)",
        checks=(*_gains(process),
                *telescopes("1 + 1/2 + ... + 1/m", 1 / (_l + 1), _l, harmonic(_m), _m)),
    )  # fmt: skip
    from theory.bounds.anytime import SOURCE

    expr, where = n * (harmonic(k) - harmonic(TARGET)), (sympy.Le(TARGET, k, evaluate=False),)
    bound = Bound("E[T_d]", "exact", expr, where, start=k, source=SOURCE, derivation=derivation)
    return concluding(bound, "one by one, to a target", start=k, d=TARGET, s=of(k, k / n))


def _coupons(process: Process) -> list[Bound]:
    """The pessimist and Dynamic BinVal accept one flipped zero-bit and reject one flipped one-bit."""
    derivation = argument(
        "coupon collector",
        "A single flipped zero-bit is accepted, a single flipped one-bit rejected, whatever decides between more of them.",
        "With k zero-bits the next one is found with probability k/n; the expected times n/k add up.",
        statement="E[T] = n H_k",
        checks=_gains(process),
    )
    from_k = Bound("E[T]", "exact", n * harmonic(k), start=k, source=COUPONS, derivation=derivation)
    uniform = from_k.with_(
        expr=n * UNIFORM_HARMONIC, start="uniform", exact_function=lambda values: values["n"] * harmonic_of_uniform(values)
    )
    anywhere, gain = from_k.with_(direction="upper", expr=n * harmonic(n), start="any"), of(k, k / n)
    return [
        concluding(from_k, "one by one", start=k, s=gain),
        concluding(uniform, "one by one, uniform start", s=gain),
        concluding(anywhere, "fitness levels", start=n, s=gain),
        *closed(process)[:3],
    ]


# ---- Plateau


def _plateau(process: Process) -> list[Bound]:
    """Exact from every start; ties accepted."""
    radius = process.problem.radius  # type: ignore[attr-defined]
    slope = n * (harmonic(Max(k, radius)) - harmonic(radius))
    from_k = Sum(_step(_z, radius), (_z, 1, Min(k, radius))) + slope
    anywhere = Sum(_step(_z, radius), (_z, 1, radius)) + n * (harmonic(n) - harmonic(radius))
    uniform = Sum(_step(_z, radius) * at_least(_z), (_z, 1, radius)) + Sum(n / _z * at_least(_z), (_z, radius + 1, n))
    proof = _steps_add_up(process, radius)
    exact = Bound("E[T]", "exact", from_k, start=k, source=HEADWIND, derivation=proof)
    mean = exact.with_(expr=uniform, start="uniform", exact_function=_chain(process, "uniform"))
    gain, loss = (of(k, chance) for chance in _chances(radius))
    return [
        concluding(exact.with_(exact_function=_chain(process, "k")), "birth and death", start=k, gain=gain, loss=loss),
        concluding(mean, "birth and death, uniform start", gain=gain, loss=loss),
        concluding(
            exact.with_(direction="upper", expr=anywhere, start="any"), "birth and death, any start", gain=gain, loss=loss
        ),
    ]


def _chances(radius: int) -> tuple[Expr, Expr]:
    """With which probabilities a zero-bit is gained and lost."""
    return k / n, Piecewise(((n - k) / n, k < radius), (Integer(0), True))


def _step(zeros: Expr, radius: int) -> Expr:
    """w_k on the plateau."""
    return n / (zeros * binomial(n, zeros)) * Sum(binomial(n, _j), (_j, zeros, radius))


def _steps_add_up(process: Process, radius: int) -> Derivation:
    from theory.bounds.jump import sizes_from

    (gain, loss), sizes = _chances(radius), sizes_from(radius)
    r = Symbol("r", integer=True, positive=True)
    here, general = "exactly on the chain", functools.partial(_general, r)
    return argument(
        "headwind drift (cf. Kötzing, Lissovoi, Witt 2015)",
        "On the plateau a zero-bit is gained with probability k/n, and lost with (n-k)/n below level r; elsewhere k only falls.",
        "The chain falls by at most one, so the expected time from k to k - 1 is w_k = (1 + q_k w_k+1)/p_k, with equality.",
        statement="E[T] = w_1 + ... + w_k",
        checks=(
            Check("k falls by 1 with probability k/n and rises with (n-k)/n below level r: the drift of k", here, "premise",
                  DriftFact(process, gain - loss, "==", sizes=sizes)),
            Check("and the drift of k^2", here, "premise",
                  DriftFact(process, gain * (2 * k - 1) - loss * (2 * k + 1), "==", k**2, sizes=sizes)),
            Check("p_k w_k = 1 + q_k w_k+1 below level r", "exactly at rational points", "premise",
                  Identity(k / n * general(k), 1 + (n - k) / n * general(k + 1),
                           (sympy.Ge(k, 1, evaluate=False), sympy.Lt(k, r, evaluate=False), sympy.Le(r, n, evaluate=False)))),
            Check("p_r w_r = 1", "symbolically", "premise",
                  Identity(r / n * (n / (r * binomial(n, r)) * binomial(n, r)), Integer(1))),
            Check("w_k is positive", "symbolically", "premise",
                  Inequality(n / k, Integer(0), strict=True, variable=k, low=Integer(1), high=n, integer=True)),
        ),
    )  # fmt: skip


def _general(radius: Expr, zeros: Expr) -> Expr:
    return n / (zeros * binomial(n, zeros)) * Sum(binomial(n, _j), (_j, zeros, radius))


def _chain(process: Process, start: str) -> Callable[[dict], float]:
    def value(values: dict) -> float:
        from theory.exact import expected_runtime

        where = int(values["k"]) if start == "k" else start
        return float(expected_runtime(process, n=int(values["n"]), start=where))

    return value


__all__ = ["TARGET", "bounds", "closed", "mean_of_harmonic", "rest_is_bounded"]
