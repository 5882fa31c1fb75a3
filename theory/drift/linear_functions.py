"""Drift of linear functions: Witt's potential.

C. Witt, *Tight bounds on the optimization time of a randomized search heuristic on linear functions*, Combinatorics, Probability
and Computing 22 (2013), Theorem 4.1.

Setting: standard bit mutation with rate 0 < p < 1, acceptance of offspring that are not worse (or only of better ones), weights
sorted w_1 <= ... <= w_n, all positive (canonical form); alpha > 1 is free.

Potential: gamma_i = (1 + alpha p (1-p)^(1-n))^(i-1); g_1 = 1, g_i = min(gamma_i, g_{i-1} w_i / w_{i-1}); X_t = sum of g_i over
the zero-bits. Facts: g is non-decreasing, g_i/w_i is non-increasing, and with kappa(i) = max{j <= i : g_j = gamma_j} the ratio
g_j/w_j is constant for kappa(i) <= j <= i.

Drift: E[X_t - X_{t+1} | x_t] >= (1 - 1/alpha) p (1-p)^(n-1) X_t. Proof. Let U be the zero-bits and D the one-bits that flip,
i = max U, kappa = kappa(i), r = g_i/w_i, and split D = D_L + D_R at kappa (D_R: positions below). As g_j >= r w_j for j <= i and
g_j <= r w_j for j >= kappa, an accepted step has loss of potential >= r (w(U) - w(D_L)) - g(D_R), and its first term is
non-negative, since w(U) >= w(D). When i flips alone, with probability p (1-p)^(n-1), the step is accepted and that term is
g_i. And E[g(D_R); i = max U] <= p * p (gamma_1 + ... + gamma_{kappa-1}) = p (gamma_kappa - 1) (1-p)^(n-1)/alpha, which is at
most p (1-p)^(n-1) g_i/alpha, as gamma_kappa = g_kappa <= g_i.
Sum over the zero-bits i.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, Integer, Symbol, log

from theory.bound import Bound
from theory.derivation import Check, Derivation
from theory.drift.base import DriftTheorem, Precondition, _expression
from theory.drift.prover import Region, show
from theory.drift.sources import WITT
from theory.errors import InputError
from theory.facts import Computation, Identity, Inequality
from theory.lemmas import applied
from theory.symbols import n, t
from theory.text import formula

alpha = Symbol("alpha", positive=True)


def witt_potential(weights: Sequence, p: Any, a: Any) -> list:
    """The weights g_1, ..., g_n of Witt's potential, for weights in the order given; exact if all arguments are.

    >>> witt_potential([1, 2, 4], Fraction(1, 3), 2)
    [1, Fraction(2, 1), Fraction(4, 1)]
    >>> witt_potential([1.0, 1.0, 1.0], 0.3, 2)
    [1, 1.0, 1.0]
    """
    size = len(weights)
    if any(not w > 0 for w in weights):
        raise InputError("weights: must all be positive")
    order = sorted(range(size), key=lambda i: weights[i])
    base = 1 + a * p * (1 - p) ** (1 - size)
    g: list = [0] * size
    for rank, i in enumerate(order):
        if rank == 0:
            g[i] = 1
        else:
            before = order[rank - 1]
            ratio = (
                Fraction(weights[i]) / Fraction(weights[before])
                if not isinstance(weights[i], float)
                else weights[i] / weights[before]
            )
            g[i] = min(base**rank, g[before] * ratio)
    return g


class LinearFunctionsDrift(DriftTheorem):
    """On any linear function with non-zero weights, for 0 < p < 1 and every alpha > 1, E[T] <= b(1) and P[T > b(r)] <= e^-r.

    b(r) = (n alpha p q^(1-n) + ln(1/p) + (n-1) ln q + r) / delta with q = 1 - p and delta = (1 - 1/alpha) p q^(n-1). The tail
    is given as P[T > t] for integers t.

    Examples
    --------
    >>> from theory import c, n
    >>> bound = LinearFunctionsDrift.apply(c / n, where=(c < n,))
    >>> round(bound.evaluate(n=10, c=1), 4), round(bound.best_parameter(n=10, c=1), 3)
    (378.2752, 2.383)
    """

    name = "multiplicative drift of Witt's potential"
    statement = "E[T] <= (1 + ln X_0)/delta and P[T > t] <= (1 - delta)^t X_0, for X_0 >= 1 or X_0 = 0"
    source = WITT
    preconditions = (
        Precondition("0 < p < 1", "necessary", "with p = 1 two points alternate for ever"),
        Precondition("alpha > 1", "technical", "the drift bound is positive only then"),
        Precondition("all weights are non-zero", "technical", "bits of weight zero need not be found; the optimum isn't unique"),
    )

    @classmethod
    def apply(cls, drift: Any, start: Any = None, *, tail: bool = False, where: tuple = (), **values: Any) -> Bound:
        """Bound E[T] or its tail on every linear function.

        Parameters
        ----------
        drift : expression in n and c
            The mutation rate p: the drift follows from it.
        start : None
            The bound holds for every start.
        tail : bool
            Bound P[T > t] instead.
        where : tuple of relationals
            Assumed of n and c, e.g. ``(c < n,)``.

        Returns
        -------
        Bound
            With the free parameter alpha, over which ``evaluate`` minimises.
        """
        if start is not None:
            raise InputError("start: the bound holds for every start; leave it out")
        if values:
            raise InputError(f"{next(iter(values))}: unknown argument")
        p = _expression(drift, "rate")
        region = Region(None, Integer(0), None, False, tuple(where))
        checks = [
            *_facts(),
            show(cls.name, "p > 0", "necessary", p, Integer(0), region, strict=True, name="p"),
            show(cls.name, "p < 1", "necessary", 1 - p, Integer(0), region, strict=True, name="1 - p"),
            Check("alpha > 1, so that 1 - 1/alpha > 0", "symbolically", "technical",
                  Inequality(1 - 1 / (1 + _u), Integer(0), strict=True)),
            Check("all weights are non-zero", "by the definition of the problem", "technical"),
            Check("X_t = 0 or X_t >= 1", "all g_i >= 1, as gamma and the ratios of sorted weights are", "necessary"),
        ]  # fmt: skip
        q = 1 - p
        delta = (1 - 1 / alpha) * p * q ** (n - 1)
        logarithm = n * alpha * p * q ** (1 - n) + log(1 / p) + (n - 1) * log(q)
        expr: Expr = sympy.exp(logarithm) * (1 - delta) ** t if tail else _b(p)
        derivation = Derivation(
            theorem="multiplicative drift (Doerr, Johannsen, Winzen 2012) for Witt's potential (Witt 2013)",
            statement=cls.statement,
            potential="X_t = sum of g_i over the zero-bits, with g_1 = 1, g_i = min(gamma^(i-1), g_i-1 w_i/w_i-1), gamma = "
            f"1 + {formula(alpha * p * q ** (1 - n))}, w_1 <= ... <= w_n",
            drift=f"E[X_t - X_t+1 | x_t] >= {formula(delta)} X_t",
            range="every point x_t",
            steps=(
                "Let i be the heaviest zero-bit that flips and kappa <= i the last position with g = gamma^(kappa-1).",
                "An accepted step loses at least g_i/w_i (w(ups) - w(downs >= kappa)) >= 0, less the g of the downs below kappa.",
                "Position i flipping alone gives p (1-p)^(n-1) g_i; the downs below kappa cost at most p (1-p)^(n-1) g_i/alpha.",
                f"ln X_0 <= ln((gamma^n - 1)/(gamma - 1)) <= {formula(logarithm)}.",
            ),
            checks=tuple(checks),
            drift_expr=delta,
            conclusion=applied("Witt's potential" + (", tail" if tail else ""), (*where, alpha > 1), p=p, alpha=alpha),
        )
        return Bound(
            "P[T > t]" if tail else "E[T]", "upper", expr, tuple(where), "derived", "any", source=cls.source,
            derivation=derivation, minimise_over=(alpha, Integer(1), sympy.oo),
        )  # fmt: skip


def _b(p: Expr) -> Expr:
    """b(1), in the form of the paper."""
    power = (1 - p) ** (1 - n)
    return power * (n * alpha**2 * power / (alpha - 1) + alpha / (alpha - 1) * (log(1 / p) + (n - 1) * log(1 - p) + 1) / p)


# ---- the premises as data

_u, _i = Symbol("u", positive=True), Symbol("i", integer=True, nonnegative=True)
CONSTANTS = tuple(Fraction(x) for x in ("1/10", "1/2", "1", "3/2", "2"))
WEIGHTS = ((1, 1, 1, 1), (1, 2, 4, 8), (1, 2, 3, 4), (1, 1, 5, 6), (7, 2, 9, 3), (1, 100, 101, 102))
ALPHAS = tuple(Fraction(x) for x in ("11/10", "3/2", "2", "4"))


def _facts() -> tuple[Check, ...]:
    """Why the drift is what it is and why ln X_0 is bounded: for all n symbolically, and on the whole chain at n = 4."""
    rate, gamma = Symbol("p", positive=True), Symbol("gamma", positive=True)
    power, chance = Symbol("K", positive=True), Symbol("Q", positive=True)  # gamma_kappa, and (1-p)^(n-1)
    size, rise = Symbol("n", integer=True, positive=True), alpha * rate / chance  # gamma = 1 + rise
    here = "theory.drift.linear_functions:"
    return (
        Check("p^2 (gamma_kappa - 1)/(gamma - 1) = p (1-p)^(n-1) (gamma_kappa - 1)/alpha, with K = gamma_kappa, Q = (1-p)^(n-1)",
              "symbolically", "premise", Identity(rate**2 * (power - 1) / rise, rate * chance * (power - 1) / alpha)),
        Check("1 + gamma + ... + gamma^(n-1) = (gamma^n - 1)/(gamma - 1)", "symbolically", "premise",
              Identity((gamma - 1) * sympy.Sum(gamma**_i, (_i, 0, size - 1)), gamma**size - 1)),
        Check("u - ln(1 + u) has the derivative u/(1 + u)", "symbolically", "premise",
              Identity(sympy.diff(_u - log(1 + _u), _u), _u / (1 + _u))),
        Check("so that ln gamma <= gamma - 1", "symbolically", "premise", Inequality(_u / (1 + _u), Integer(0))),
        Check("the drift of X is at least (1 - 1/alpha) p (1-p)^(n-1) X at every point", "exactly, n = 4", "premise",
              Computation(here + "drift_holds", (), True,
                          "the drift of Witt's potential at every point (n = 4, 6 functions, ties accepted or not)")),
        Check("ln X_0 <= n (gamma - 1) - ln(gamma - 1)", "in balls, n = 4", "premise",
              Computation(here + "start_is_bounded", (), True, "X_0 <= gamma^n/(gamma - 1) for 6 functions (n = 4)")),
    )  # fmt: skip


def drift_holds(
    weights: tuple = WEIGHTS, constants: tuple = CONSTANTS, alphas: tuple = ALPHAS, claim: Fraction = Fraction(1)
) -> bool:
    """Decide: E[X_t - X_{t+1} | x] >= claim (1 - 1/alpha) p (1-p)^(n-1) X at every point x, ties accepted or not, in fractions.

    Parameters
    ----------
    weights : tuple of tuples of positive integers
        The functions.
    constants : tuple of Fraction
        Rates p = c/n; those below 1 are used.
    alphas : tuple of Fraction
    claim : Fraction
        Above 1 it asks for more than the theorem says.

    Examples
    --------
    >>> drift_holds(((1, 2, 4),)), drift_holds(((1, 2, 4),), claim=Fraction(12))
    (True, False)
    """
    for w in weights:
        size = len(w)
        value = [sum(w[i] for i in range(size) if x >> i & 1) for x in range(2**size)]
        for p in (constant / size for constant in constants if constant < size):
            law = [p**h * (1 - p) ** (size - h) for h in range(size + 1)]
            for a in alphas:
                g = witt_potential(w, p, a)
                height = [sum((Fraction(g[i]) for i in range(size) if not x >> i & 1), Fraction(0)) for x in range(2**size)]
                for x in range(2**size - 1):
                    least = claim * (1 - 1 / a) * p * (1 - p) ** (size - 1) * height[x]
                    better = sum(
                        law[(x ^ y).bit_count()] * (height[x] - height[y]) for y in range(2**size) if value[y] > value[x]
                    )
                    ties = sum(law[(x ^ y).bit_count()] * (height[x] - height[y]) for y in range(2**size) if value[y] == value[x])
                    if better < least or better + ties < least:
                        return False
    return True


def start_is_bounded(weights: tuple = WEIGHTS, constants: tuple = CONSTANTS, alphas: tuple = ALPHAS) -> bool:
    """Decide: g_1 + ... + g_n <= gamma^n/(gamma - 1), and every g_i >= 1.

    >>> start_is_bounded()
    True
    """
    for w in weights:
        size = len(w)
        for p in (constant / size for constant in constants if constant < size):
            for a in alphas:
                rise = a * p * (1 - p) ** (1 - size)
                g = witt_potential(w, p, a)
                if min(g) < 1 or sum(map(Fraction, g)) > (1 + rise) ** size / rise:
                    return False
    return True
