"""Majority and plurality votes: how often most of several independent answers are right.

The exponential bound is H. Chernoff's (1952) and W. Hoeffding's (1963) in the form that follows from counting sequences; the
exact plurality is derived here.

Notation: m independent answers, each right with probability p; the others are K answers of equal probability.
"""

from __future__ import annotations

import functools
import itertools
from fractions import Fraction
from math import comb, factorial
from typing import Any

import sympy
from sympy import Symbol

from theory.bound import Bound, Source
from theory.errors import InputError
from theory.facts import Computation, Identity, Inequality
from theory.learning.common import at_least, m, premise, statement

VOTE = Source("majority vote (Chernoff's method)")
p = Symbol("p", positive=True)


def majority_probability(right: Any, votes: int) -> Fraction:
    """The probability that most of m independent answers are right; ties count one half.

    Parameters
    ----------
    right : number
        p, in [0, 1]; read exactly.
    votes : int
        m >= 1.

    Returns
    -------
    Fraction

    Examples
    --------
    >>> float(majority_probability("0.6", 5)), float(majority_probability("0.6", 4))
    (0.68256, 0.648)
    """
    chance, _ = _checked(right, votes)
    total = sum(comb(votes, j) * chance**j * (1 - chance) ** (votes - j) for j in range(votes // 2 + 1, votes + 1))
    return total + (comb(votes, votes // 2) * (chance * (1 - chance)) ** (votes // 2) / 2 if votes % 2 == 0 else Fraction(0))


def _checked(right: Any, votes: int, wrong: int = 1) -> tuple[Fraction, Fraction]:
    """The probabilities of the right answer and of each wrong one."""
    from theory.values import exact, number

    chance = exact(number(right, "right"))
    if not 0 <= chance <= 1:
        raise InputError(f"right: {right!r} must be a probability")
    for name, value, high in (("wrong", wrong, 10**4), ("votes", votes, 1000)):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= high:
            raise InputError(f"{name}: {value!r} must be an integer from 1 to {high}")
    return chance, (1 - chance) / wrong


def plurality_probability(right: Any, wrong: int, votes: int) -> Fraction:
    """The probability that the one right answer is the most frequent of m independent ones; ties are broken uniformly.

    Parameters
    ----------
    right : number
        p: the probability of the right answer.
    wrong : int
        K: the others are K answers of probability (1 - p)/K each.
    votes : int

    Returns
    -------
    Fraction
        Exact, from the numbers of ways in which no wrong answer has more than c votes and exactly r have c.

    Raises
    ------
    InputError

    Examples
    --------
    >>> round(float(plurality_probability("0.2", 31, 30)), 6)
    0.880181
    """
    chance, other = _checked(right, votes, wrong)
    total = Fraction(0)
    for c in range(1, votes + 1):
        for r in range(min(wrong, (votes - c) // c) + 1):
            rest = votes - c - r * c
            below = _power_of_series([Fraction(1, factorial(i)) for i in range(min(c, rest + 1))], wrong - r, rest)
            if below:
                ways = comb(wrong, r) * Fraction(factorial(votes), factorial(c) ** (r + 1)) * below
                total += Fraction(1, r + 1) * ways * chance**c * other ** (votes - c)
    return total


def _power_of_series(series: list[Fraction], power: int, degree: int) -> Fraction:
    """The coefficient of z^degree of a polynomial with constant term 1 to a power, by Miller's recurrence."""
    if power == 0:
        return Fraction(int(degree == 0))
    found = [Fraction(1)] + [Fraction(0)] * degree
    for i in range(1, degree + 1):
        terms = ((power * j - i + j) * series[j] * found[i - j] for j in range(1, min(i, len(series) - 1) + 1))
        found[i] = sum(terms, Fraction(0)) / i
    return found[degree]


_ODD = sympy.Eq(sympy.Mod(m, 2), 1, evaluate=False)


@functools.cache
def majority() -> Bound:
    """P[most of m answers are right] for odd m, as a binomial sum.

    >>> round(majority().evaluate(m=11, p="3/5"), 6)
    0.753498
    """
    j = Symbol("j", integer=True, nonnegative=True)
    expr = sympy.Sum(sympy.binomial(m, j) * p**j * (1 - p) ** (m - j), (j, (m + 1) / 2, m))
    votes = premise(
        "the sum over j > m/2", "against the whole law of all sequences of answers, for m = 1, 3, 5, 7",
        Computation("theory.learning.majority_vote:majority_by_enumeration", (("votes", (1, 3, 5, 7)),), True,
                    "enumeration of all answers gives the binomial sum"),
    )  # fmt: skip
    return statement(
        "P[majority right]", "exact", expr, (at_least(m, 1), _ODD, p < 1), VOTE, "the binomial distribution", (votes,),
        last=("more than half", {"trials": m, "p": p}),
    )  # fmt: skip


def majority_by_enumeration(votes: tuple = (1, 3, 5, 7), chances: tuple = (Fraction(1, 3), Fraction(3, 5))) -> bool:
    """Whether the law of a majority, summed over all sequences of answers, is :func:`majority_probability`."""
    for number, chance in itertools.product(votes, chances):
        total = Fraction(0)
        for answers in itertools.product((0, 1), repeat=number):
            weight = chance ** sum(answers) * (1 - chance) ** (number - sum(answers))
            total += weight * (Fraction(1, 2) if 2 * sum(answers) == number else int(2 * sum(answers) > number))
        if total != majority_probability(chance, number):
            return False
    return True


@functools.cache
def majority_error() -> tuple[Bound, Bound]:
    """P[most of m answers are wrong] <= (4 p (1-p))^(m/2)/2 <= e^(-2 m (p - 1/2)^2)/2, for odd m and p >= 1/2.

    Half of what Hoeffding's inequality gives for the second.

    Examples
    --------
    >>> chernoff, hoeffding = majority_error()
    >>> bool(chernoff.evaluate(m=11, p="0.6") < hoeffding.evaluate(m=11, p="0.6") < 0.402)
    True
    """
    j = Symbol("j", integer=True, nonnegative=True)
    y, more, lead = (Symbol(name, nonnegative=True) for name in ("y", "i", "rho"))
    r = Symbol("r", integer=True, positive=True)
    half = (p - sympy.Rational(1, 2)) ** 2
    few = premise(
        "for p >= 1-p and j <= m/2, p^j (1-p)^(m-j) <= (p (1-p))^(m/2)",
        "symbolically: their ratio is ((1-p)/p)^i with i = m/2 - j and (1-p)/p = 1/(1 + rho)",
        Inequality(sympy.Integer(1), (1 / (1 + lead)) ** more),
    )  # fmt: skip
    each = (p * (1 - p)) ** (m / 2)
    ratio = premise(
        "p^j (1-p)^(m-j) is (p (1-p))^(m/2) ((1-p)/p)^(m/2 - j)",
        "at rational points",
        Identity(p**j * (1 - p) ** (m - j), each * ((1 - p) / p) ** (m / 2 - j), (p < 1,)),
    )
    count = premise(
        "half of all sequences of odd length m = 2r - 1 have at most r - 1 right answers", "exactly for r = 1, 2, 3, 4, 7",
        Identity(sympy.Sum(sympy.binomial(2 * r - 1, j), (j, 0, r - 1)), 2 ** (2 * r - 2)),
    )  # fmt: skip
    power = premise("4 p (1-p) = 1 - 4 (p - 1/2)^2", "symbolically", Identity(4 * p * (1 - p), 1 - 4 * half))
    height = sympy.exp(-y) - 1 + y
    below = (
        premise("e^-y - 1 + y is 0 at y = 0", "exactly", Identity(height.subs(y, 0), sympy.Integer(0))),
        premise("its derivative is 1 - e^-y", "symbolically", Identity(sympy.diff(height, y), 1 - sympy.exp(-y))),
        premise("which is at least 0, so that 1 - y <= e^-y", "symbolically", Inequality(sympy.Integer(1), sympy.exp(-y))),
    )
    where = (at_least(m, 1), _ODD, at_least(p, sympy.Rational(1, 2)), p < 1)
    name = "P[majority wrong]"
    steps = ("P[at most (m-1)/2 are right] is a sum over 2^(m-1) sequences, each of probability at most (p (1-p))^(m/2).",)
    return (
        statement(name, "upper", (4 * p * (1 - p)) ** (m / 2) / 2, where, VOTE, "counting sequences", (few, ratio, count), steps,
                  last=("half of all sequences", {"trials": m, "each": each})),
        statement(name, "upper", sympy.exp(-2 * m * half) / 2, where, VOTE, "counting sequences",
                  (few, ratio, count, power, *below), steps,
                  last=("half of all sequences, exponentially few", {"trials": m, "square": half})),
    )  # fmt: skip


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    chernoff, hoeffding = majority_error()
    return [("majority vote", majority()), ("majority vote", chernoff), ("majority vote", hoeffding)]
