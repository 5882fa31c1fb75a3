"""Bayesian mixtures: how much a predictor loses that mixes over a class which holds the truth.

R. J. Solomonoff, *Complexity-based induction systems*, IEEE Transactions on Information Theory 24 (1978); M. Hutter, *Universal
artificial intelligence*, 2005; for universes of agent and environment together A. Meulemans et al., *Embedded universal
predictive intelligence*, arXiv 2511.22226 (2025). The count of rounds by additive drift is derived here.

Notation: a universe is a measure on histories, rho = sum w(lambda) lambda the mixture, and ``w`` the weight of the true universe.
KL_t is the divergence of the mixture's next prediction from the true one given the history, and D_t the total variation of
the two. An action and a percept may be predicted one after the other: each is a round.

Drift: X_t = -ln w(truth | history) >= 0 starts at ln(1/w), and E[X_t - X_{t+1} | history] = KL_t under the truth, by Bayes'
rule. So it is the potential in which every round of divergence at least eps costs eps.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx, fmpq
from sympy import Symbol

from theory.bound import Bound, Source
from theory.drift import AdditiveDriftUpper
from theory.errors import InputError
from theory.facts import Computation, Identity
from theory.learning.common import at_least, entry, eps, from_theorem, premise, statement
from theory.symbols import t

SOURCE = Source(
    "Bayesian mixtures (cf. Solomonoff 1978; Meulemans et al. 2025)",
    entry("article", "Solomonoff1978", author="Solomonoff, Ray J.",
          title="Complexity-based induction systems: comparisons and convergence theorems",
          journal="IEEE Transactions on Information Theory", volume="24", number="4", pages="422--432", year="1978")
    + "\n"
    + entry("article", "MeulemansEtAl2025", author="Meulemans, Alexander and Nasser, Rajai and others",
            title="Embedded universal predictive intelligence: a coherent framework for multi-agent learning",
            journal="arXiv preprint arXiv:2511.22226", year="2025"),
)  # fmt: skip
w = Symbol("w", positive=True)
delta = Symbol("delta", positive=True)
_WEIGHT = (sympy.Gt(w, 0, evaluate=False), sympy.Le(w, 1, evaluate=False))
Universe = Sequence[Any]


# ---- finite classes of universes, exactly


def chance(universe: Universe, history: tuple[int, ...]) -> Fraction:
    """The probability of a history of 0 and 1 in a universe given by P(1) at first, after a 0 and after a 1.

    >>> chance((Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)), (1, 1, 0))
    Fraction(3, 32)
    """
    result, where = Fraction(1), 0
    for symbol in history:
        one = Fraction(universe[where])
        result *= one if symbol else 1 - one
        where = 1 + symbol
    return result


def prediction(universe: Universe, history: tuple[int, ...]) -> Fraction:
    """P(1 | history) in a universe."""
    return Fraction(universe[1 + history[-1] if history else 0])


def mixture_rounds(
    universes: Sequence[Universe], weights: Sequence[Any], truth: int, rounds: int
) -> Iterator[tuple[Fraction, Fraction, Fraction, Fraction]]:
    """Every history that may precede one of the first rounds, under the truth.

    Yields
    ------
    tuple of Fraction
        The history's probability in the true universe, its posterior weight there, and P(1 | history) of truth and mixture.

    Raises
    ------
    InputError
    """
    shares = [Fraction(x) for x in weights]
    if len(shares) != len(universes) or min(shares) <= 0 or sum(shares) != 1:
        raise InputError(f"weights: give {len(universes)} positive fractions that sum to 1")
    if not 1 <= rounds <= 16:
        raise InputError(f"rounds: {rounds!r} must be from 1 to 16; all histories are looked at")
    for length in range(rounds):
        for history in itertools.product((0, 1), repeat=length):
            joint = [share * chance(universe, history) for share, universe in zip(shares, universes)]
            if joint[truth] == 0:
                continue
            mixed = sum((x * prediction(universe, history) for x, universe in zip(joint, universes)), Fraction(0)) / sum(joint)
            yield joint[truth] / shares[truth], joint[truth] / sum(joint), prediction(universes[truth], history), mixed


def divergence(a: Fraction, b: Fraction) -> arb:
    """KL of two laws on {0, 1} with P(1) = a and b, as a ball.

    >>> divergence(Fraction(1, 2), Fraction(1, 4))
    [0.14384103622589... +/- ...]
    """
    total = arb(0)
    for x, y in ((a, b), (1 - a, 1 - b)):
        if x:
            total += _arb(x) * (_arb(x) / _arb(y)).log()
    return total


def _arb(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


def expected_divergence(universes: Sequence[Universe], weights: Sequence[Any], truth: int, rounds: int) -> arb:
    """sum_t E[KL_t] over the first rounds, as a ball, from all histories."""
    return sum((_arb(x) * divergence(a, b) for x, _, a, b in mixture_rounds(universes, weights, truth, rounds)), arb(0))


def expected_rounds_apart(
    universes: Sequence[Universe], weights: Sequence[Any], truth: int, rounds: int, distance: Fraction
) -> Fraction:
    """The expected number, among the first rounds, of those with total variation at least ``distance``: exactly.

    >>> expected_rounds_apart([(1, 1, 1), (0, 0, 0)], [Fraction(1, 2)] * 2, 0, 9, Fraction(1, 2))
    Fraction(1, 1)
    """
    rows = mixture_rounds(universes, weights, truth, rounds)
    return sum((x for x, _, a, b in rows if abs(a - b) >= distance), Fraction(0))


CLASS = ((Fraction(1, 2), Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 3), Fraction(3, 4), Fraction(1, 5)),
         (Fraction(2, 3), Fraction(1, 10), Fraction(9, 10)))  # fmt: skip
WEIGHTS = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))


def posterior_drifts_by_the_divergence(universes: tuple = CLASS, weights: tuple = WEIGHTS, rounds: int = 5) -> bool:
    """Whether E[X_t - X_{t+1} | history] = KL_t at every history, for every universe as the truth: ball arithmetic.

    The posterior after each next symbol is computed from the probabilities of the whole history, not from Bayes' rule for one.
    """
    with ctx.workprec(128):
        for truth, length in itertools.product(range(len(universes)), range(rounds)):
            for history in itertools.product((0, 1), repeat=length):
                found = arb(0)
                for symbol in (0, 1):
                    next_chance = chance(universes[truth], (*history, symbol)) / chance(universes[truth], history)
                    ratio = _posterior(universes, weights, truth, (*history, symbol)) / _posterior(
                        universes, weights, truth, history
                    )
                    found += _arb(next_chance) * _arb(ratio).log()
                a = prediction(universes[truth], history)
                b = chance_of_mixture(universes, weights, (*history, 1)) / chance_of_mixture(universes, weights, history)
                gap = found - divergence(a, b)
                if not (gap.contains(0) and gap.rad() < 1e-25):
                    return False
    return True


def chance_of_mixture(universes: Sequence[Universe], weights: Sequence[Any], history: tuple[int, ...]) -> Fraction:
    """rho(history)."""
    return sum((Fraction(x) * chance(universe, history) for x, universe in zip(weights, universes)), Fraction(0))


def _posterior(universes: Sequence[Universe], weights: Sequence[Any], truth: int, history: tuple[int, ...]) -> Fraction:
    return Fraction(weights[truth]) * chance(universes[truth], history) / chance_of_mixture(universes, weights, history)


def divergences_telescope(universes: tuple = CLASS, weights: tuple = WEIGHTS, rounds: int = 5) -> bool:
    """Whether sum_t E[KL_t] is the divergence of the laws of whole histories, and that at most ln(1/w), for every truth."""
    with ctx.workprec(128):
        for truth, universe in enumerate(universes):
            whole = arb(0)
            for history in itertools.product((0, 1), repeat=rounds):
                share, mixed = chance(universe, history), chance_of_mixture(universes, weights, history)
                if mixed < Fraction(weights[truth]) * share:
                    return False
                if share:
                    whole += _arb(share) * (_arb(share) / _arb(mixed)).log()
            gap = whole - expected_divergence(universes, weights, truth, rounds)
            if not (gap.contains(0) and gap.rad() < 1e-25 and whole <= -_arb(Fraction(weights[truth])).log()):
                return False
    return True


# ---- premises

_TELESCOPE = premise(
    "sum_t E[KL_t] = KL of whole histories <= ln(1/w), as rho >= w truth",
    "the chain rule of divergence; for three Markov universes over five rounds, in balls of 128 bits",
    Computation("theory.learning.bayesian_mixture:divergences_telescope",
                (("universes", CLASS), ("weights", WEIGHTS), ("rounds", 5)), True,
                "divergences of single rounds sum up to that of whole histories, which is at most ln(1/w)", "balls"),
)  # fmt: skip
_DRIFT = premise(
    "E[X_t - X_t+1 | history] = KL_t for X_t = -ln w(truth | history)",
    "Bayes' rule; at every history of three Markov universes over five rounds, in balls of 128 bits",
    Computation("theory.learning.bayesian_mixture:posterior_drifts_by_the_divergence",
                (("universes", CLASS), ("weights", WEIGHTS), ("rounds", 5)), True,
                "the logarithm of the posterior weight drifts by the divergence", "balls"),
)  # fmt: skip


def _pinsker() -> tuple:
    a, b, z = sympy.symbols("a b z", positive=True)
    height = a * sympy.log(a / b) + (1 - a) * sympy.log((1 - a) / (1 - b)) - 2 * (a - b) ** 2
    return (
        premise("KL(a, b) - 2 (a - b)^2 is 0 at b = a", "symbolically", Identity(height.subs(b, a), sympy.Integer(0))),
        premise("its derivative in b is (b - a) (1/(b (1-b)) - 4)", "symbolically",
                Identity(sympy.diff(height, b), (b - a) * (1 / (b * (1 - b)) - 4), (a < 1, b < 1))),
        premise("whose second factor is at least 0: 1 - 4 b (1-b) = (1 - 2 b)^2", "a square",
                Identity(1 - 4 * b * (1 - b), (1 - 2 * b) ** 2)),
        premise("grouping the outcomes only lowers KL, as x ln(x/y) >= x - y, that is z - 1 - ln z >= 0 for z = y/x",
                "its derivative in z is (z - 1)/z, and it is 0 at z = 1",
                Identity(sympy.diff(z - 1 - sympy.log(z), z), (z - 1) / z)),
    )  # fmt: skip


# ---- bounds


@functools.cache
def total_divergence() -> Bound:
    """sum_t E[KL_t] <= ln(1/w), over any number of rounds.

    >>> round(total_divergence().evaluate(w="1/8"), 6)
    2.079442
    """
    return statement(
        "sum of E[KL_t]", "upper", sympy.log(1 / w), _WEIGHT, SOURCE, "the chain rule of divergence", (_TELESCOPE, _DRIFT),
        ("The same as the drift of X_t = -ln w(truth | history) says: what X loses in all is at most X_0 = ln(1/w).",),
        last=("the chain rule of divergence", {"w": w}),
    )  # fmt: skip


@functools.cache
def rounds_of_divergence() -> Bound:
    """The expected number of rounds with KL_t >= eps is at most ln(1/w)/eps, by additive drift.

    >>> print(rounds_of_divergence())
    E[rounds with KL_t >= eps] <= log(1/w)/eps   upper, 0 < w <= 1, eps > 0   Bayesian mixtures (cf. Solomonoff 1978; ...)
    """
    return _rounds(eps, "KL_t >= eps", (sympy.Gt(eps, 0, evaluate=False),), ())


@functools.cache
def rounds_apart() -> Bound:
    """The expected number of rounds with total variation D_t >= delta is at most ln(1/w)/(2 delta^2).

    >>> rounds_apart().evaluate(w="1/2", delta=1) < 0.35
    True
    """
    where = (sympy.Gt(delta, 0, evaluate=False), sympy.Le(delta, 1, evaluate=False))
    return _rounds(2 * delta**2, "D_t >= delta", where, _pinsker())


def _rounds(cost: sympy.Expr, event: str, where: tuple, more: tuple) -> Bound:
    theorem = AdditiveDriftUpper.apply(cost, sympy.log(1 / w))
    steps = (
        f"Watch X only in the rounds with {event}, and call it 0 after the last: E[X_t] never rises in between.",
        f"In such a round X loses at least {cost} on average" + (", as KL >= 2 D^2 (Pinsker)." if more else "."),
        "X_0 = ln(1/w) and X >= 0, so T, the number of these rounds, has mean at most X_0 over that.",
    )
    return from_theorem(
        theorem, quantity=f"E[rounds with {event}]", start="", unit="", potential="X_t = -ln w(truth | history)",
        region=f"rounds with {event}", source=SOURCE, checks=(_DRIFT, *more), steps=steps, conditions=(*_WEIGHT, *where),
        last=("additive drift, rounds " + ("apart" if more else "of divergence"), {"start": sympy.log(1 / w), "cost": cost}),
    )  # fmt: skip


@functools.cache
def total_variation() -> Bound:
    """sum_{s <= t} E[D_s] <= sqrt(t ln(1/w)/2): the mean total variation of t rounds falls like 1/sqrt(t).

    >>> total_variation().evaluate(w="1/2", t=8) < 1.67
    True
    """
    a, b, total = sympy.symbols("a b K", nonnegative=True)
    checks = (
        _TELESCOPE,
        *_pinsker(),
        premise("(a + b)^2 <= 2 (a^2 + b^2), and so (sum of t)^2 <= t (sum of squares)", "a square",
                Identity(2 * (a**2 + b**2) - (a + b) ** 2, (a - b) ** 2)),
        premise("sum E[D]^2 <= sum E[KL]/2", "symbolically", Identity(sympy.sqrt(t * (total / 2)) ** 2, t * total / 2)),
    )  # fmt: skip
    return statement(
        "sum of E[D] over t rounds", "upper", sympy.sqrt(t * sympy.log(1 / w) / 2), (*_WEIGHT, at_least(t, 1)), SOURCE,
        "Pinsker's inequality and Cauchy's", checks,
        ("E[D]^2 <= E[D^2] <= E[KL]/2 in each round; over t rounds by Cauchy's inequality.",),
        last=("Pinsker and Cauchy", {"w": w}),
    )  # fmt: skip


def bounds() -> list[tuple[str, Bound]]:
    """What is derived here, each with a label."""
    return [
        ("Bayesian mixture", total_divergence()),
        ("Bayesian mixture", rounds_of_divergence()),
        ("Bayesian mixture", rounds_apart()),
        ("Bayesian mixture", total_variation()),
    ]
