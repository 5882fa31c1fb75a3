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
            show(cls.name, "p > 0", "necessary", p, Integer(0), region, strict=True, name="p"),
            show(cls.name, "p < 1", "necessary", 1 - p, Integer(0), region, strict=True, name="1 - p"),
            Check("alpha > 1", "the parameter's range", "technical"),
            Check("all weights are non-zero", "by the definition of the problem", "technical"),
            Check("X_t = 0 or X_t >= 1", "all g_i >= 1", "necessary"),
        ]
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
        )
        return Bound(
            "P[T > t]" if tail else "E[T]", "upper", expr, tuple(where), "derived", "any", source=cls.source,
            derivation=derivation, minimise_over=(alpha, Integer(1), sympy.oo),
        )  # fmt: skip


def _b(p: Expr) -> Expr:
    """b(1), in the form of the paper."""
    power = (1 - p) ** (1 - n)
    return power * (n * alpha**2 * power / (alpha - 1) + alpha / (alpha - 1) * (log(1 / p) + (n - 1) * log(1 - p) + 1) / p)
