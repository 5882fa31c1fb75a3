"""HotTopic: the rate above which the (1+1) EA is driven away from the optimum, for each share alpha of hot bits.

J. Lengler, A. Steger, Combinatorics, Probability and Computing 27 (2018); J. Lengler, IEEE Transactions on Evolutionary
Computation 24 (2020). What holds on every strictly monotone function is in :mod:`theory.bounds.monotone`.

Phi(c, alpha) = c alpha - e^(-c (1-alpha)) - alpha/(1-alpha) rises in c. With u = c (1-alpha) its zero is (u - 1) e^(u-1) =
(1-alpha)/(alpha e), that is c = (1 + W((1-alpha)/(alpha e)))/(1-alpha): 2.138 at alpha = 1/4, smallest at alpha* = 0.2371...
"""

from __future__ import annotations

import functools
from fractions import Fraction

import sympy
from sympy import LambertW, Rational, exp

from theory.bounds.common import Bound, Check, argument, is_ea
from theory.domain import constant_of
from theory.drift.sources import HOTTOPIC
from theory.facts import Cited, Computation, Identity, Inequality
from theory.monotone.hottopic import GAIN, LOSS_HOT, LOSS_REST, PHI, alpha
from theory.problems import HotTopic
from theory.process import Process
from theory.symbols import c

THRESHOLD = (1 + LambertW((1 - alpha) / (alpha * exp(1)))) / (1 - alpha)
"""The c with Phi(c, alpha) = 0."""


def bounds(process: Process) -> list[Bound]:
    """The threshold in c for the (1+1) EA with rate c/n on HotTopic with this share of hot bits."""
    if not isinstance(process.problem, HotTopic) or not is_ea(process):
        return []
    rate = process.rate
    assert rate is not None
    return [_threshold(process.problem.alpha)] if constant_of(rate) == c else []


@functools.lru_cache(maxsize=64)
def _threshold(share: Fraction) -> Bound:
    expr = THRESHOLD.subs(alpha, Rational(share.numerator, share.denominator))
    checks = (
        Check("Phi is the change of the number of zero-bits, but for positive factors", "symbolically", "premise",
              Identity((GAIN - LOSS_HOT - LOSS_REST) / (c * (1 - alpha) * exp(-c * alpha)), PHI, (alpha < 1,))),
        Check("Phi = 0 at the threshold", "the defining equation of W", "premise",
              Computation("theory.bounds.hottopic:phi_changes_sign", (("share", share),), True,
                          f"Phi(c, {share}) changes its sign within 10^-20 of the threshold", "balls")),
        Check("Phi rises in c", "its derivative alpha + (1-alpha) e^(-c (1-alpha)) is positive", "premise",
              Inequality(alpha + (1 - alpha) * exp(-c * (1 - alpha)), sympy.S.Zero, strict=True, where=(alpha < 1,))),
        Check("Phi(2.2, 1/4) > 0", "by ball arithmetic", "technical",
              Computation("theory.monotone.hottopic:phi_is_positive", (("c", Fraction(11, 5)), ("alpha", Fraction(1, 4))), True,
                          "Phi(11/5, 1/4) > 0", "balls")),
        Check("above the threshold exponential, below it O(n log n)", "cited", "premise",
              Cited("for small eps and beta and exponentially many levels E[T] is exponential if Phi > 0, O(n log n) if Phi < 0",
                    str(HOTTOPIC))),
    )  # fmt: skip
    derivation = argument(
        "the growth of the number of zero-bits within a level",
        "At density eps of zero-bits everywhere, a step improves the hot set with probability c alpha eps e^(-c alpha).",
        "It then gains c (1-alpha) zero-bits elsewhere, unselected. Steps outside of the hot set lose c (1-alpha) eps e^-c.",
        "This is first order in eps and the limit of n; eps and beta are taken small, whatever the problem's own.",
        checks=checks,
    )
    return Bound("threshold c", "threshold", expr, status="heuristic", source=HOTTOPIC, derivation=derivation)


def phi_changes_sign(share: Fraction) -> bool:
    """Prove that Phi(., share) changes its sign within 10^-20 of (1 + W((1-share)/(share e)))/(1-share), by balls.

    >>> phi_changes_sign(Fraction(1, 4))
    True
    """
    from flint import arb, ctx, fmpq

    with ctx.workdps(60):
        a = arb(fmpq(share.numerator, share.denominator))
        middle = arb((1 + ((1 - a) / (a * arb(1).exp())).lambertw()) / (1 - a))
        radius = arb(10) ** -20
        low, high = (x * a - (-x * (1 - a)).exp() - a / (1 - a) for x in (middle - radius, middle + radius))
        return bool(low < 0 and high > 0)
