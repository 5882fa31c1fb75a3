"""The partially ordered EA, which bounds every strictly monotone function: slow rates, p = 1/n, and its leading constant.

T. Jansen, FOGA 2007; S. Colin, B. Doerr, G. Férey, GECCO 2014 (with the pessimism parameter).

Whatever the pessimism, each step is at least as good for a non-decreasing potential as the pessimist's, so the upper bounds of
:mod:`theory.bounds.monotone` hold, with the same proofs.

*Leading constant at p = 1/n, pessimism 1 (heuristic).* At z = x sqrt(n) the drift of z is (z/n)^2 kappa to leading order, with
kappa = 1 + (1 - 1/e)/2 = 3/2 - 1/(2e): 1 from one flipped zero-bit, (2 P(B=0) - E[(B-2)^+])/2 with B ~ Poi(1) from two; its
second moment is z/n. So g(z) = n sum phi(k/sqrt(n)) has drift 1 iff kappa x^2 phi - x phi'/2 = 1, phi = e^(kappa x^2) E_1(kappa
x^2), and g(n) ~ n^(3/2) times the integral of phi, pi^(3/2)/(2 sqrt(kappa)) = 2.4268.
"""

from __future__ import annotations

import functools

import sympy
from sympy import Rational, exp, pi, sqrt

from theory.bounds.common import Bound, Check, Source, argument, is_ea
from theory.bounds.monotone import no_better_than_pessimist
from theory.domain import constant_of
from theory.drift.sources import PESSIMIST
from theory.facts import Cited, Identity
from theory.problems import PartiallyOrderedEA
from theory.process import Process
from theory.symbols import c, n

KAPPA = Rational(3, 2) - exp(-1) / 2
COLIN = Source(
    "the partially ordered EA (Colin, Doerr, Férey 2014)",
    "@inproceedings{ColinDoerrFerey2014,\n  author = {Colin, Sylvain and Doerr, Benjamin and F{\\'e}rey, Gaspard},\n"
    "  title = {Monotonic functions in {EC}: anything but monotone!},\n"
    "  booktitle = {Genetic and Evolutionary Computation Conference (GECCO)},\n  year = {2014}\n}",
)


def bounds(process: Process) -> list[Bound]:
    """Bounds for the (1+1) EA with a static rate under the partially ordered acceptance rule."""
    if not isinstance(process.problem, PartiallyOrderedEA) or not is_ea(process):
        return []
    result = no_better_than_pessimist(process)
    rate = process.rate
    assert rate is not None
    constant = constant_of(rate)
    if constant is None or process.problem.pessimism != 1:
        return result
    if constant == 1 or constant.free_symbols:
        equal = () if constant == 1 else (sympy.Eq(constant, 1, evaluate=False),)
        result.append(_leading().with_(conditions=(*equal, sympy.Ge(n, 2, evaluate=False))))
    if constant == c:
        result.append(_threshold())
    return result


@functools.cache
def _leading() -> Bound:
    x = sympy.Symbol("x", positive=True)
    phi = exp(KAPPA * x**2) * sympy.expint(1, KAPPA * x**2)
    slope = 2 * KAPPA * x * phi - 2 / x
    u = sympy.Symbol("u", positive=True)
    checks = (
        Check("phi solves kappa x^2 phi - x phi'/2 = 1", "symbolically", "premise",
              Identity(KAPPA * x**2 * phi - x * slope / 2, sympy.S.One)),
        Check("phi' = 2 kappa x phi - 2/x", "symbolically", "premise", Identity(sympy.diff(phi, x), slope)),
        Check("the integral of 1/(sqrt(u) (1 + u)) is pi: its antiderivative is 2 atan(sqrt(u))", "symbolically", "premise",
              Identity(sympy.diff(2 * sympy.atan(sqrt(u)), u), 1 / (sqrt(u) * (1 + u)))),
    )  # fmt: skip
    derivation = argument(
        "second-order drift, as a diffusion",
        "At z = x sqrt(n) the drift of z is kappa (z/n)^2 and its second moment z/n, to leading order.",
        "g(z) = n sum phi(k/sqrt(n)) then has drift x (kappa x phi - phi'/2) = 1.",
        "E_1(y) e^y is the integral of e^(-y u)/(1 + u); integrating over x first leaves sqrt(pi/kappa)/2 times that of "
        "1/(sqrt(u) (1 + u)), pi.",
        "The terms of lower order are not bounded; neither are the first few z, where z is no continuous quantity.",
        checks=checks,
    )
    expr = pi ** Rational(3, 2) / (2 * sqrt(KAPPA)) * n ** Rational(3, 2)
    return Bound("E[T]", "asymptotic", expr, status="heuristic", source=PESSIMIST, derivation=derivation)


@functools.cache
def _threshold() -> Bound:
    fact = Cited(
        "the partially ordered EA with pessimism 1 takes exponential time at p = c/n for every constant c > 1", str(COLIN)
    )
    derivation = argument(
        "drift near the optimum",
        "For z = o(n) the drift of z is (z/n) c (1 - c) to first order: away from the optimum for c > 1.",
        "Below 1 E[T] <= n (1 + ln n)/(c (1 - c)), derived; at 1 it is of order n^(3/2); above it is exponential.",
        checks=[Check("exponential above 1", "cited", "premise", fact)],
    )
    return Bound("threshold c", "threshold", sympy.S.One, status="cited", source=COLIN, derivation=derivation)
