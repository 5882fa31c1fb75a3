"""Why no unbiased Kronecker sum has less noise than OK: the ratio to KF-RTRL, and the certificate of the optimal reduction.

F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019; the proofs here are driftproof's own.

Notation: cos_u, cos_A as in :mod:`theory.learning.rtrl_noise`. A reduction of singular values d_1 >= ... >= d_q to r < q ranks
keeps i of them and mixes the others, of sum s_1 and sum of squares s_2, into k = r - i ranks: its noise is s_1^2/k - s_2. The
plan has the smallest i with k d_{i+1} <= s_1.

The certificate is a matrix B with values b_j, b_j = d_j for the kept, s_1/k for the mixed. It maximises the concave function
2 <d, b> - (the r largest of b_j^2), as d_j = p_j b_j with p_j in [0, 1], sum p_j = r, and p_j = 1 above the level s_1/k (the
conditions of Karush, Kuhn and Tucker). These multipliers p_j are the probabilities with which sampling keeps a value.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from fractions import Fraction

import sympy
from sympy import Symbol

from theory.bound import Bound
from theory.facts import Computation, Identity, Inequality
from theory.learning.common import at_least, premise, statement
from theory.learning.optimal_reduction import CASES, OK, _decreasing, mix_plan
from theory.learning.rtrl_noise import _COSINES, P, cos_A, cos_u

s_1, s_2 = Symbol("s_1", nonnegative=True), Symbol("s_2", nonnegative=True)
ranks = Symbol("k_mixed", integer=True, positive=True)
d_kept, d_mixed = Symbol("d_kept", nonnegative=True), Symbol("d_mixed", nonnegative=True)
value = Symbol("d_next", nonnegative=True)


# ---- OK(1) against KF-RTRL


@functools.cache
def ok_against_kf() -> tuple[Bound, Bound]:
    """The noise of an OK(1) step over that of a KF-RTRL step from the same state: its value, and that it is at most 1.

    Both are equal exactly where cos_A = -cos_u: where the two angles sum up to pi.

    Examples
    --------
    >>> exact, most = ok_against_kf()
    >>> exact.evaluate(cos_u="1/2", cos_A="-1/2"), exact.evaluate(cos_u=1, cos_A=0), most.expr
    (1.0, 0.0, 1)
    """
    gap = (cos_u + cos_A) / (1 + cos_u * cos_A)
    kf, sines = 2 * P * (1 + cos_u * cos_A), (1 - cos_u**2) * (1 - cos_A**2)
    where = (*_COSINES, 1 + cos_u * cos_A > 0)
    checks = (
        premise("(noise of KF-RTRL)^2 - (noise of OK(1))^2 = (2 P (cos_u + cos_A))^2", "symbolically",
                Identity(kf**2 - 4 * P**2 * sines, (2 * P * (cos_u + cos_A)) ** 2)),
        premise("1 - ratio^2 = gap^2 with gap = (cos_u + cos_A)/(1 + cos_u cos_A)", "symbolically",
                Identity(1 - sines / (1 + cos_u * cos_A) ** 2, gap**2)),
        premise("the gap is a sum of two shares", "symbolically",
                Identity(gap, cos_u / (1 + cos_u * cos_A) + cos_A / (1 + cos_u * cos_A))),
        premise("a square is at least 0", "symbolically", Inequality(Symbol("y", real=True) ** 2, sympy.Integer(0))),
    )  # fmt: skip
    ratio = sympy.sqrt(sines) / (1 + cos_u * cos_A)
    steps = ("The ratio is 1 exactly where gap = 0, that is cos_A = -cos_u, and 0 where u and h or HA and D are parallel.",)
    name = "E|noise of OK(1)|^2 / E|noise of KF-RTRL|^2"
    return (
        statement(name, "exact", ratio, where, OK, "the optimal reduction against signs", checks, steps,
                  last=("a ratio short of 1 by a square", {"gap": gap})),
        statement(name, "upper", sympy.Integer(1), where, OK, "the optimal reduction against signs", checks, steps,
                  last=("a ratio short of 1", {"gap": gap})),
    )  # fmt: skip


# ---- the certificate


def multipliers(singular_values: Sequence, rank: int) -> list[Fraction]:
    """The multipliers p_j = d_j/b_j of the certificate: 1 for what is kept, k d_j/s_1 for what is mixed (0 where s_1 = 0).

    >>> multipliers([5, 4, 3, 2, 1], 4)
    [Fraction(1, 1), Fraction(1, 1), Fraction(1, 1), Fraction(2, 3), Fraction(1, 3)]
    """
    values, plan = _decreasing(singular_values), mix_plan(singular_values, rank)
    rest = values[plan.kept :]
    return [Fraction(1)] * plan.kept + [plan.mixed * x / plan.total if plan.total else Fraction(0) for x in rest]


def certificate_is_optimal(cases: tuple) -> bool:
    """Whether for each (singular values, rank) the certificate meets the optimality conditions of the dual problem.

    Its r largest values must be the kept ones and k copies of s_1/k, d_i > s_1/k >= d_{i+1}, and the multipliers must lie in
    [0, 1], sum up to r and be 1 for what lies above the level.
    """
    for given, rank in cases:
        values, plan = _decreasing(given), mix_plan(given, rank)
        if rank >= len(values) or plan.total == 0:
            continue
        level, shares = plan.total / plan.mixed, multipliers(given, rank)
        kept, mixed = values[: plan.kept], values[plan.kept :]
        right = (
            all(x > level for x in kept)
            and level >= mixed[0]
            and all(0 <= p <= 1 for p in shares)
            and sum(shares) == rank
            and shares[: plan.kept] == [1] * plan.kept
            and all(p * b == x for p, b, x in zip(shares, kept + [level] * len(mixed), values))
        )
        if not right:
            return False
    return True


def keeping_more_costs(cases: tuple) -> bool:
    """Whether for each (singular values, rank) every number i that may be kept has noise growing in i, by the stated amount."""
    for given, rank in cases:
        values, plan = _decreasing(given), mix_plan(given, rank)
        noises = []
        for kept in range(plan.kept, min(rank, len(values))):
            rest = values[kept:]
            noises.append(sum(rest) ** 2 / Fraction(rank - kept) - sum(x * x for x in rest))
        for i, (few, more) in enumerate(itertools.pairwise(noises), plan.kept):
            left = rank - i - 1
            if more - few != (sum(values[i + 1 :]) - left * values[i]) ** 2 / Fraction(left * (left + 1)):
                return False
    return True


_KKT = premise(
    "the certificate meets the optimality conditions of the dual problem",
    "in fractions, in eleven cases",
    Computation("theory.learning.rtrl_optimality:certificate_is_optimal", (("cases", CASES),), True,
                "levels, multipliers and their sum are as they must be"),
)  # fmt: skip


@functools.cache
def certificate_level() -> tuple[Bound, Bound]:
    """d_i > s_1/k >= d_{i+1}: the level of the certificate lies between what is kept and what is mixed.

    The conditions say that i is the smallest number with k d_{i+1} <= s_1: it qualifies (lower), and i - 1, with k + 1 ranks for
    a sum of d_i + s_1, does not (upper).

    Examples
    --------
    >>> below, above = certificate_level()
    >>> below.evaluate(s_1=6, k_mixed=2, d_kept=4), above.evaluate(s_1=6, k_mixed=2, d_mixed=3)
    (4.0, 3.0)
    """
    level = s_1 / ranks
    upper = (
        _KKT,
        premise("(k + 1) d_i - (d_i + s_1) = k (d_i - s_1/k): the sign of both sides is one", "symbolically",
                Identity((ranks + 1) * d_kept - (d_kept + s_1), ranks * (d_kept - level))),
    )  # fmt: skip
    lower = (
        _KKT,
        premise("s_1 - k d_{i+1} = k (s_1/k - d_{i+1}): the sign of both sides is one", "symbolically",
                Identity(s_1 - ranks * d_mixed, ranks * (level - d_mixed))),
    )  # fmt: skip
    name, theorem = "s_1/k", "the smallest number of kept values"
    return (
        statement(name, "upper", d_kept, ((ranks + 1) * d_kept > d_kept + s_1, at_least(ranks, 1)), OK, theorem, upper,
                  last=("a level below what is kept", {"kept": d_kept})),
        statement(name, "lower", d_mixed, (at_least(s_1, ranks * d_mixed), at_least(ranks, 1)), OK, theorem, lower,
                  last=("a level above what is mixed", {"mixed": d_mixed})),
    )  # fmt: skip


@functools.cache
def cost_of_keeping_more() -> Bound:
    """(s_1 - k d)^2/(k (k + 1)): what it adds to the noise to keep one value d more, where s_1, k are of the others then.

    It is at least 0: of all plans that sampling or signs can carry out, the one that keeps least has the least noise.

    >>> cost_of_keeping_more().evaluate(s_1=2, k_mixed=1, d_next=1)
    0.5
    """
    more = s_1**2 / ranks - s_2
    less = (s_1 + value) ** 2 / (ranks + 1) - (s_2 + value**2)
    cost = (s_1 - ranks * value) ** 2 / (ranks * (ranks + 1))
    checks = (
        premise("the two noises differ by a square", "symbolically", Identity(more - less, cost)),
        premise("the noise grows with every value that is kept beyond the plan", "in fractions, in eleven cases",
                Computation("theory.learning.rtrl_optimality:keeping_more_costs", (("cases", CASES),), True,
                            "each plan against the next, by the formula")),
    )  # fmt: skip
    return statement(
        "what keeping one value more adds to the noise", "exact", cost, (at_least(ranks, 1),), OK, "a square", checks,
        last=("one value more is kept", {"total": s_1, "ranks": ranks, "value": value}),
    )  # fmt: skip


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    return [
        *(("RTRL, OK(1) against KF-RTRL", bound) for bound in ok_against_kf()),
        *(("RTRL, the certificate of OK(r)", bound) for bound in certificate_level()),
        ("RTRL, plans of OK(r)", cost_of_keeping_more()),
    ]
