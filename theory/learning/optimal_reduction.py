"""The unbiased estimate of a matrix by one of lower rank that has the least noise: what OK does in each step.

F. Benzing, M. M. Gauy, A. Mujika, A. Martinsson, A. Steger, *Optimal Kronecker-sum approximation of real time recurrent
learning*, ICML 2019; the sampling form is that of Barnes, Cameron and Howard, *On unbiased low-rank approximation with
minimum distortion*, arXiv 2505.09647 (2025). The proof by duality is given here.

Notation: C has singular values d_1 >= ... >= d_q. Of all random C' of rank at most r < q with mean C none has E|C' - C|^2
below s_1^2/k - s_2. The i largest singular values are kept and the others mixed into k = r - i ranks, where i is the smallest
number with (r - i) d_{i+1} <= s_1; s_1 and s_2 are the sums of the mixed singular values and of their squares. Norms are
Frobenius norms.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from theory.bound import Bound, Source
from theory.errors import InputError
from theory.facts import Computation
from theory.learning.common import entry, premise, statement

OK = Source(
    "optimal Kronecker sums (Benzing, Gauy, Mujika, Martinsson, Steger 2019)",
    entry("inproceedings", "BenzingEtAl2019",
          author="Benzing, Frederik and Gauy, Marcelo Matheus and Mujika, Asier and Martinsson, Anders and Steger, Angelika",
          title="Optimal {Kronecker}-sum approximation of real time recurrent learning",
          booktitle="International Conference on Machine Learning", series="PMLR", volume="97", pages="604--613", year="2019"),
)  # fmt: skip
_LARGEST = 64  # singular values: far more ranks than anybody keeps


@dataclass(frozen=True)
class Plan:
    """How the optimal reduction treats singular values in decreasing order: ``kept`` exactly, the others into ``mixed`` ranks.

    Attributes
    ----------
    kept, mixed : int
        Their sum is the rank r.
    total, squares : Fraction
        s_1 and s_2: sums over the mixed singular values.
    noise : Fraction
        s_1^2/mixed - s_2, the least noise of any unbiased estimate of that rank.
    """

    kept: int
    mixed: int
    total: Fraction
    squares: Fraction
    noise: Fraction


def mix_plan(singular_values: Sequence[Any], rank: int) -> Plan:
    """Which singular values the optimal unbiased estimate of a given rank keeps, and its noise.

    Parameters
    ----------
    singular_values : sequence of numbers
        At least 0, in any order; read exactly.
    rank : int
        r >= 1.

    Returns
    -------
    Plan

    Raises
    ------
    InputError

    Examples
    --------
    >>> mix_plan([3, 2, 1], 2)
    Plan(kept=0, mixed=2, total=Fraction(6, 1), squares=Fraction(14, 1), noise=Fraction(4, 1))
    """
    values = _decreasing(singular_values)
    if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
        raise InputError(f"rank: {rank!r} must be a positive integer")
    if rank >= len(values):
        return Plan(len(values), rank - len(values), Fraction(0), Fraction(0), Fraction(0))
    kept = next(i for i in range(rank) if (rank - i) * values[i] <= sum(values[i:]))  # i = rank - 1 always qualifies
    mixed, rest = rank - kept, values[kept:]
    total, squares = sum(rest, Fraction(0)), sum((x * x for x in rest), Fraction(0))
    return Plan(kept, mixed, total, squares, total**2 / mixed - squares)


def _decreasing(singular_values: Sequence[Any]) -> list[Fraction]:
    from theory.values import exact, number

    given = singular_values if isinstance(singular_values, Iterable) and not isinstance(singular_values, str) else ()
    values = [exact(number(x, "singular_values")) for x in given]
    if not values or len(values) > _LARGEST or min(values) < 0:
        raise InputError(f"singular_values: give 1 to {_LARGEST} numbers, each at least 0")
    return sorted(values, reverse=True)


def dual_value(singular_values: Sequence[Any], rank: int) -> Fraction:
    """A lower bound on the noise of every unbiased estimate of C of rank at most r, from a matrix B that certifies it.

    |C' - B|^2 >= |B|^2 - (the r largest squared singular values of B) for each C' of rank r, so in expectation
    E|C' - C|^2 >= 2 <C, B> - |C|^2 - (those). Here B has the singular vectors of C, its kept values, and s_1/k for the mixed.

    >>> dual_value([3, 2, 1], 2)
    Fraction(4, 1)
    """
    values, plan = _decreasing(singular_values), mix_plan(singular_values, rank)
    if rank >= len(values):
        return Fraction(0)
    certificate = values[: plan.kept] + [plan.total / plan.mixed] * (len(values) - plan.kept)
    largest = sorted((b * b for b in certificate), reverse=True)[:rank]
    return sum((2 * x * b - x * x for x, b in zip(values, certificate)), Fraction(0)) - sum(largest, Fraction(0))


def sampling_law(shares: Sequence[Fraction]) -> dict[tuple[int, ...], Fraction]:
    """Systematic sampling: the law of the chosen set, exactly. Shares lie in [0, 1] and sum to an integer, the size of the set.

    One uniform offset is drawn; i is chosen where the sums of the shares pass an integer distance from it.

    >>> sampling_law([Fraction(1, 2), Fraction(1, 2)])
    {(0,): Fraction(1, 2), (1,): Fraction(1, 2)}
    """
    sums = list(itertools.accumulate(shares, initial=Fraction(0)))
    ends = sorted({x - x.numerator // x.denominator for x in sums} | {Fraction(0), Fraction(1)})
    law: dict[tuple[int, ...], Fraction] = {}
    for low, high in itertools.pairwise(ends):
        offset = (low + high) / 2
        cells = [(x - offset).__floor__() for x in sums]
        chosen = tuple(i for i in range(len(shares)) if cells[i] != cells[i + 1])
        law[chosen] = law.get(chosen, Fraction(0)) + high - low
    return dict(sorted(law.items()))


def sampled_noise(singular_values: Sequence[Any], rank: int) -> Fraction:
    """The noise of the estimate that keeps what the plan keeps and samples the rest, from its whole law.

    Raises
    ------
    AssertionError
        If the estimate weren't unbiased or had too large a rank.

    Examples
    --------
    >>> sampled_noise([5, 4, 3, 2, 1], 4)
    Fraction(4, 1)
    """
    values, plan = _decreasing(singular_values), mix_plan(singular_values, rank)
    if plan.total == 0:
        return Fraction(0)
    rest = values[plan.kept :]
    shares = [plan.mixed * x / plan.total for x in rest]
    mean, noise = [Fraction(0)] * len(rest), Fraction(0)
    for chosen, chance in sampling_law(shares).items():
        assert plan.kept + len(chosen) <= rank
        estimate = [x / shares[i] if i in chosen else Fraction(0) for i, x in enumerate(rest)]
        mean = [a + chance * b for a, b in zip(mean, estimate)]
        noise += chance * sum((a - b) ** 2 for a, b in zip(estimate, rest))
    assert mean == rest
    return noise


def reductions_are_optimal(cases: tuple) -> bool:
    """Whether for each (singular values, rank) the sampled estimate attains the dual lower bound, and both the formula."""
    return all(dual_value(x, r) == sampled_noise(x, r) == mix_plan(x, r).noise for x, r in cases)


CASES = (
    ((3, 2, 1), 2), ((3, 1, 1), 2), ((10, 1, 1), 2), ((1, 1, 1, 1), 3), ((5, 4, 3, 2, 1), 4), ((2, 1), 1),
    ((8, 4, 2, 1), 2), ((1,) * 6, 3), ((10, 1, 1, 1, 1), 3), ((7, 5, 5, 3, 2, 2, 1), 4), ((9, 0, 0), 2),
)  # fmt: skip


def optimal_reduction(singular_values: Sequence[Any], rank: int) -> Bound:
    """The least noise of an unbiased estimate of rank at most r, as a bound that carries both halves of its proof.

    Parameters
    ----------
    singular_values : sequence of numbers
        Of the matrix to be estimated.
    rank : int

    Returns
    -------
    Bound
        Exact: a lower bound for every unbiased estimate, attained.

    Examples
    --------
    >>> bound = optimal_reduction([5, 4, 3, 2, 1], 4)
    >>> bound.expr, bound.derivation.replay().holds
    (4, True)
    """
    values = tuple(_decreasing(singular_values))
    plan = mix_plan(values, rank)
    given = (("singular_values", values), ("rank", rank))
    checks = [
        premise("no unbiased estimate of rank r has less noise", "Eckart and Young, with a matrix B that certifies it",
                Computation("theory.learning.optimal_reduction:dual_value", given, plan.noise, f"dual value {plan.noise}")),
        premise("an unbiased estimate of this rank has it", "its whole law, in fractions",
                Computation("theory.learning.optimal_reduction:sampled_noise", given, plan.noise, f"noise {plan.noise}")),
    ]  # fmt: skip
    expr = sympy.Rational(plan.noise.numerator, plan.noise.denominator)
    return statement(
        "min E|C' - C|^2", "exact", expr, (), OK, "a lower bound by duality that is attained", checks,
        (f"{plan.kept} singular values are kept, the others mixed into {plan.mixed} ranks.",),
        last=("the least noise of few ranks", {"total": sympy.Rational(plan.total), "squares": sympy.Rational(plan.squares),
                                               "ranks": sympy.Integer(max(plan.mixed, 1))}),
    )  # fmt: skip
