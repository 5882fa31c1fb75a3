"""OneMax is the easiest function with a unique optimum, for mutation rates up to 1/2.

C. Witt, Combinatorics, Probability and Computing 22 (2013); for p = 1/n B. Doerr, D. Johannsen, C. Winzen, *Drift analysis and
linear functions revisited*, CEC 2010.

**Theorem.** Let f have a unique optimum, let 0 < p <= 1/2, and let T be the first time at which the (1+1) EA with rate p is at
the optimum of f, T' that on OneMax. If the number of wrong bits at the start is the same (or stochastically larger for f), then
P(T > t) >= P(T' > t) for every t; in particular E[T] >= E[T'].

*Proof.* Flip the meaning of bits so that the optimum is 1^n. Z_t and Z'_t are the numbers of zero-bits of the current points; T =
min{t : Z_t = 0}, as no other point has no zero-bit.

1. *The offspring of a point with more zero-bits has stochastically more zero-bits.* Let Y_z be the number of zero-bits of the
   offspring of a point with z zero-bits. Points with z and z + 1 zero-bits can be taken to differ in one bit; let W be the number
   of zero-bits that mutation leaves on the other n - 1. The bit in question ends as a zero with probability p in the first
   case and 1 - p in the second. So P(Y_{z+1} > i) - P(Y_z > i) = (1 - 2p) P(W = i) >= 0.
2. *Selection.* On OneMax Z'_{t+1} = min(Z'_t, Y'), ties or not: an offspring with as many zero-bits changes nothing about Z'.
   On f the next point is the offspring or the parent, so that Z_{t+1} is Y or Z_t and at least min(Z_t, Y). Which of the two is
   taken does not matter, nor what it depends on: the rule for ties (``strict``), f itself, or a function that changes with time.
3. *Induction.* Suppose Z'_t <= Z_t in a coupling of the two runs. Given the whole past, Y has the law of Y_{Z_t}, as p does
   not depend on the point. By 1. the offspring can be coupled such that Y' <= Y, so Z'_{t+1} = min(Z'_t, Y') <= min(Z_t, Y) <=
   Z_{t+1}. Hence {T <= t} is contained in {T' <= t} for all t.

The bound 1/2 is necessary: near p = 1 mutation takes 0^n to 1^n almost surely, and a function whose second best point is 0^n is
optimised soon, while on OneMax the run waits at one zero-bit for a step of probability p (1-p)^(n-1).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Function, Rational

from theory import symbols
from theory.algorithms import OnePlusOneEA
from theory.bounds.common import Bound, Check, Source, argument, concluding, p, supported
from theory.derivation import Derivation
from theory.domain import NEVER, constant_of, rate_conditions
from theory.drift.sources import WITT
from theory.facts import Computation, Identity, Inequality, RuntimeFact
from theory.problems import OneMax
from theory.process import Process
from theory.symbols import n

EASIEST = Source("OneMax is the easiest (Witt 2013)", WITT.bibtex)
CONSTANTS = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "3/2", "2", "5/2"))


# ---- the two premises, decided in fractions


def offspring_law(size: int, zeros: int, p: Fraction) -> list[Fraction]:
    """P(the offspring has i zero-bits), i = 0, ..., n, from a point with so many zero-bits.

    >>> offspring_law(2, 1, Fraction(1, 2))
    [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]
    """
    law = [Fraction(1)]
    for stays in [1 - p] * zeros + [p] * (size - zeros):  # the probability that this bit is a zero in the offspring
        law = [a * (1 - stays) + b * stays for a, b in zip([*law, Fraction(0)], [Fraction(0), *law])]
    return law


def offspring_rises(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: the number of zero-bits of the offspring rises stochastically with that of the parent, at all p = c/n <= 1/2.

    Parameters
    ----------
    n : int
    constants : tuple of Fraction

    Examples
    --------
    >>> offspring_rises(5), offspring_rises(2, (Fraction(3, 2),))
    (True, False)
    """
    for c in constants:
        if c <= Fraction(n, 2) or len(constants) == 1:
            laws = [offspring_law(n, z, c / n) for z in range(n + 1)]
            for fewer, more in itertools.pairwise(laws):
                if any(a < b for a, b in zip(itertools.accumulate(fewer), itertools.accumulate(more))):
                    return False
    return True


def is_easiest(n: int, functions: int = 12, seed: int = 0, constants: tuple = CONSTANTS) -> bool:
    """Decide: from every point, E[T] on a function is at least E[T] on OneMax, for several functions and both tie rules.

    OneMax, BinVal, LeadingOnes, Needle, Trap-like functions, and random ones with and without equal values.

    Parameters
    ----------
    n : int
        1 to 6.
    functions : int
        How many random functions.
    seed : int
    constants : tuple of Fraction
        Rates p = c/n; those with p <= 1/2 are used, and all if only one is given.

    Examples
    --------
    >>> is_easiest(3, functions=4)
    True
    >>> is_easiest(3, functions=0, constants=(Fraction(14, 5),))
    False
    """
    for c in constants:
        if c <= Fraction(n, 2) or len(constants) == 1:
            best = times(n, lambda x: x.bit_count(), c / n, False)
            for f in _functions(n, functions, seed):
                for strict in (False, True):
                    if any(found < least for found, least in zip(times(n, f, c / n, strict), best)):
                        return False
    return True


def solves_the_optimality_equation(n: int, constants: tuple = CONSTANTS) -> bool:
    """Decide: no rule of acceptance whatever is faster than that of OneMax, at all p = c/n <= 1/2.

    With V(z) = E[T] on OneMax, V(z) = 1 + sum over y of P(Y_z = y) min(V(z), V(y)): Bellman's equation of the controller who may
    keep parent or offspring at will. V is its solution because V is non-decreasing.

    Examples
    --------
    >>> solves_the_optimality_equation(6)
    True
    """
    for c in constants:
        if c <= Fraction(n, 2):
            value = [Fraction(0)]
            laws = [offspring_law(n, z, c / n) for z in range(n + 1)]
            for z in range(1, n + 1):
                better = laws[z][:z]
                value.append((1 + sum((chance * e for chance, e in zip(better, value)), Fraction(0))) / sum(better))
            for z in range(1, n + 1):
                if value[z] != 1 + sum(chance * min(value[z], value[y]) for y, chance in enumerate(laws[z])):
                    return False
    return True


def times(n: int, f: Callable[[int], Any], p: Fraction, strict: bool) -> list[Fraction]:
    """E[T] from every point, exactly: point x is an integer whose binary digits are the bits, the optimum is 1^n.

    >>> times(2, lambda x: x, Fraction(1, 2), False)
    [Fraction(4, 1), Fraction(4, 1), Fraction(4, 1), Fraction(0, 1)]
    """
    from flint import fmpq, fmpq_mat

    size = 2**n
    law = [fmpq(chance.numerator, chance.denominator) for chance in (p**h * (1 - p) ** (n - h) for h in range(n + 1))]
    points = size - 1
    matrix, ones = fmpq_mat(points, points), fmpq_mat(points, 1)
    for x in range(points):
        ones[x, 0] = fmpq(1)
        here = f(x)
        for y in range(size):
            if y != x and (f(y) > here or (f(y) == here and not strict)):
                chance = law[(x ^ y).bit_count()]
                matrix[x, x] += chance
                if y < points:
                    matrix[x, y] -= chance
    solution = matrix.solve(ones)
    return [Fraction(int(e.p), int(e.q)) for e in (solution[x, 0] for x in range(points))] + [Fraction(0)]


def _functions(n: int, count: int, seed: int) -> list[Callable[[int], Any]]:
    top, drawn = 2**n - 1, random.Random(seed)
    found: list[Callable[[int], Any]] = [
        lambda x: x.bit_count(), lambda x: x, lambda x: top.bit_length() - (x ^ top).bit_length(), lambda x: int(x == top),
        lambda x: n + 1 if x == top else -x.bit_count(), lambda x: 2 * top if x == top else x ^ (x >> 1),
    ]  # fmt: skip
    for i in range(count):
        values = [drawn.randrange(2**n if i % 2 else 3) for _ in range(top)] + [2**n]
        found.append(values.__getitem__)
    return found


# ---- the bound


def derivation(conclusion: str = "P(T > t) on f >= P(T > t) on OneMax, for every t") -> Derivation:
    """The proof as a derivation: its premises for every n as identities, and decided in fractions at small n."""
    more, equal, p = sympy.Symbol("a", nonnegative=True), sympy.Symbol("b", nonnegative=True), sympy.Symbol("p", positive=True)
    one_more = (1 - p) * (more + equal) + p * more
    as_many = p * (more + equal) + (1 - p) * more
    return argument(
        "domination by OneMax (Witt 2013)",
        "Points with z and z + 1 zero-bits differ in one bit. W: the zero-bits that mutation leaves on the n - 1 others.",
        "That bit ends as a zero with probability p or 1 - p: P(Y_z+1 > i) - P(Y_z > i) = (1 - 2p) P(W = i) >= 0 for p <= 1/2.",
        "On OneMax Z' becomes min(Z', Y'); on f, with any rule for ties, Z becomes Z or Y, which is at least min(Z, Y).",
        "Induction over time: if Z' <= Z, couple the offspring such that Y' <= Y; then min(Z', Y') <= min(Z, Y).",
        "So the run on f is never ahead of the run on OneMax, from a start with as many zero-bits.",
        statement=conclusion,
        checks=(
            Check("P(Y_z+1 > i) - P(Y_z > i) = (1 - 2p) P(W = i), with a = P(W > i) and b = P(W = i)", "symbolically", "premise",
                  Identity(one_more - as_many, (1 - 2 * p) * equal)),
            Check("(1 - 2p) P(W = i) >= 0", "symbolically", "necessary",
                  Inequality((1 - 2 * p) * equal, sympy.S.Zero, where=(sympy.Lt(p, Rational(1, 2), evaluate=False),))),
            Check("the offspring's number of zero-bits rises stochastically with the parent's", "exactly, n = 8", "premise",
                  Computation("theory.bounds.onemax_easiest:offspring_rises", (("n", 8),), True,
                              "the offspring's number of zero-bits rises stochastically with the parent's (n = 8)")),
            Check("no rule of acceptance beats that of OneMax", "exactly, n = 8: Bellman's equation", "premise",
                  Computation("theory.bounds.onemax_easiest:solves_the_optimality_equation", (("n", 8),), True,
                              "E[T] on OneMax solves the optimality equation over all rules of acceptance (n = 8)")),
            Check("E[T] on f >= E[T] on OneMax from every point", "exactly, several functions, n = 4", "premise",
                  Computation("theory.bounds.onemax_easiest:is_easiest", (("n", 4),), True,
                              "E[T] from every point is at least that on OneMax, on 18 functions, ties accepted or not (n = 4)")),
        ),
    )  # fmt: skip


def up_to_half(rate: sympy.Expr) -> tuple:
    """Conditions for 0 < p <= 1/2.

    >>> from theory.symbols import c
    >>> up_to_half(c / n), up_to_half(1 / n), up_to_half(Rational(1, 3))
    ((c > 0, 2*c <= n), (n >= 2,), ())
    """
    conditions = rate_conditions(rate)
    if NEVER in conditions:
        return (NEVER,)
    positive = tuple(w for w in conditions if w.rel_op == ">")
    constant = constant_of(rate)
    if constant is None:
        relation = sympy.Le(rate, Rational(1, 2))
    elif constant.is_number:
        relation = sympy.Ge(n, sympy.ceiling(2 * constant))
    else:
        relation = sympy.Le(2 * constant, n, evaluate=False)
    return positive + (() if relation == True else (relation,))  # noqa: E712 (sympy's truth)


class E_OneMax(Function):
    """E[T] of the (1+1) EA on OneMax: E_OneMax(n, p) from a uniform start, E_OneMax(n, p, k) from k zero-bits.

    A number where n is a number up to 20 and p a rational one.

    Examples
    --------
    >>> E_OneMax(3, Rational(1, 3)), E_OneMax(n, Rational(1, 3))
    (1161/176, E_OneMax(n, 1/3))
    """

    nargs = (2, 3)

    @classmethod
    def eval(cls, size: Any, rate: Any, zeros: Any = None) -> Any:
        if not (size.is_Integer and rate.is_Rational and 1 <= size <= 20 and 0 < rate <= 1):
            return None
        if zeros is not None and not (zeros.is_Integer and 0 <= zeros <= size):
            return None
        from theory.exact import expected_runtime

        start = "uniform" if zeros is None else int(zeros)
        value = expected_runtime(OnePlusOneEA(rate).on(OneMax()), n=int(size), start=start, rational=True)
        return Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else None


def lower_bound(process: Process, start: Any = "uniform") -> Bound:
    """E[T] on OneMax, as a number, bounds E[T] from below; for a problem with a unique optimum and a static rate.

    Parameters
    ----------
    process : Process
    start : "uniform", or k: from every number of zero-bits

    Returns
    -------
    Bound

    Examples
    --------
    >>> from theory import BinVal, c
    >>> bound = lower_bound(OnePlusOneEA(c / n).on(BinVal()))
    >>> print(bound, round(bound.evaluate(n=3, c=1), 4))
    E[T] >= E_OneMax(n, c/n)   lower, 2*c <= n, c > 0, uniform start   OneMax is the easiest (Witt 2013) 6.5966
    """
    rate = process.rate
    assert rate is not None

    def value(values: dict) -> float:
        from theory.exact import expected_runtime

        here = OnePlusOneEA(rate).on(OneMax())
        where = int(values["k"]) if "k" in values else start
        return float(expected_runtime(here, start=where, **{x: y for x, y in values.items() if x in here.needed}))

    expr = _named(rate, start)
    proof = derivation("E[T] >= E[T] on OneMax")
    found = Bound("E[T]", "lower", expr, up_to_half(rate), start=start, source=EASIEST, derivation=proof, exact_function=value)
    return concluding(supported(found, _on_onemax(start)), "domination", ((p, rate),), easiest=_named(p, start))


def _named(rate: sympy.Expr, start: Any) -> sympy.Expr:
    return E_OneMax(n, rate, start) if isinstance(start, sympy.Expr) else E_OneMax(n, rate)


def _on_onemax(start: Any) -> Check:
    """What E_OneMax stands for."""
    rate = symbols.c / n
    zeros = "k" if isinstance(start, sympy.Expr) else start
    fact = RuntimeFact(OnePlusOneEA(rate).on(OneMax()), _named(rate, start), "==", zeros, (1, 2, 3), where=up_to_half(rate))
    return Check("E_OneMax(n, p) is E[T] on OneMax", "exactly on the chain", "premise", fact)
