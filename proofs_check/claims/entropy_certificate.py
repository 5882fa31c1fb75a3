"""Claims about the certificate of the entropy-compression argument: for which c it exists, and what runs say of its two sides.

J. Lengler, A. Martinsson, A. Steger, arXiv 1808.01137 (ANALCO 2019). As the encoding, the certificate is a RECONSTRUCTION
(:mod:`theory.monotone.certificate`, which has the derivation), to first order in z/n; the paper names no number for its c_0.

Notation: z zero-bits, b one-bits that flip; R(y) the gain of the code at a point; theta the probability that a step with one up
is rejected; gamma(theta) what an accepted change saves at least, d(theta) what it adds to z at most, on average.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.claims.compression import PAPER, SOURCE
from proofs_check.decide import Fact, facts, worst
from proofs_check.figure import Figure, Series
from proofs_check.pictured import pictured
from proofs_check.verdict import POWER
from theory import BinVal, Linear, OneMax


def threshold(setting: Setting) -> Iterator[Fact]:
    """gamma - Lambda d >= eta > 0 for every theta at every c in [1, 1.14801], for no Lambda at 1.148011; their values at 0.

    The balls' Lambda and eta are also put into the formulas written out, on a grid of theta, the kink at P(b >= 2) among it. The
    mutant's bracket lies 10^-5 higher.
    """
    from theory.monotone.certificate import certificate, certified_up_to, crossing_bracket, refuted

    more = Fraction(1, 10**5) if setting.mutant else Fraction(0)
    low, high = (Fraction(text) + more for text in ("1.14801", "1.148011"))
    yield Fact(f"c from 1 to {float(low)}", "" if certified_up_to(low) else "no certificate for some c")
    yield Fact(f"c = {float(high)}", "" if refuted(high) else "not shown to have none")
    found = crossing_bracket(6)
    yield Fact("the bracket found by bisection", "" if found == (low, high) else f"is {[float(x) for x in found]}")
    for c in ("1", "1.05", "1.1", "1.14"):
        Lambda, eta, proved = certificate(c)
        rate = float(c)
        limit = 1 - math.exp(-rate)
        at = np.append(np.linspace(0, limit * (1 - 1e-9), setting.choose(2001, 200_001)), limit - rate * math.exp(-rate))
        gamma, d = (np.array([curve(theta, rate) for theta in at]) for curve in (saved, grown))
        least = float((gamma - float(Lambda) * d).min())
        fits = proved and eta > 0 and float(eta) <= least + 1e-12
        yield Fact(f"c = {c}: gamma - Lambda d >= eta", "" if fits else f"it is {least:.6g} somewhere, eta = {float(eta):.6g}")
        ends = abs(gamma[0] - rate) < 1e-12 and abs(d[0] - (rate - 1)) < 1e-12
        yield Fact(f"c = {c}: gamma(0) = c, d(0) = c - 1", "" if ends else f"they are {gamma[0]:.6g} and {d[0]:.6g}")


def threshold_figure(setting: Setting, outcome: Outcome) -> Figure:
    """The largest eta over c, down to where none is positive."""
    from theory.monotone.certificate import certificate

    at = tuple(Fraction(x, 100) for x in range(100, 117))
    best = Series("largest eta", "exact", tuple(map(float, at)), tuple(float(certificate(c).eta) for c in at))
    none = Series("no certificate below", "other", (1.0, 1.16), (0.0, 0.0))
    return Figure("c", "eta, nats per accepted change", (best, none), title="The certificate's range")


def saved(theta: float, c: float) -> float:
    """gamma(theta) = ln (1 - theta)/(p_0 + (1 - p_0) min(1, theta/P(b >= 2))), b Poisson.

    >>> round(saved(0.0, 1.1), 12), round(saved(0.18634469471, 1.0), 9)
    (1.1, 0.0)
    """
    none = math.exp(-c)
    return math.log((1 - theta) / (none + (1 - none) * min(1.0, theta / (1 - none - c * none))))


def grown(theta: float, c: float) -> float:
    """d(theta) = (c - theta c/(1 - p_0))/(1 - theta) - 1.

    >>> round(grown(0.0, 1.1), 12), round(grown(1 - math.exp(-1.1), 1.1), 12)
    (0.1, -1.0)
    """
    return (c - theta * c / -math.expm1(-c)) / (1 - theta) - 1


def against_certificate(setting: Setting) -> Outcome:
    """Along runs: b - 1 against d(theta), one-sided, and ln R against gamma and Lambda d + eta; the mutant counts b for b - 1."""
    from scipy.special import ndtr, ndtri

    from proofs_check.codec import averages, rate_figure

    n = setting.choose(500, 1000)
    weights = np.random.default_rng(1).integers(1, 10**6, n)
    functions: list[tuple[Any, str, int]] = [(OneMax(), "OneMax", 1), (BinVal(), "BinVal", 1)]
    functions += setting.choose([], [(Linear(weights), "random weights", 200)])
    rates = setting.choose(("1.05", "1.1"), ("1", "1.05", "1.1", "1.14"))
    how = dict(n=n, start=n // 20, runs=setting.choose(5, 6), rounds=30 * n, seed=setting.seed % 2**32)
    every = [averages(f, name, c=c, samples=samples, **how) for f, name, samples in functions for c in rates]
    sampled = sum(one.label == "random weights" for one in every)
    z, found = float(ndtri(1 - setting.error / (len(every) + sampled))), []
    for one in every:
        where = f"{one.label}, n = {n}, c = {one.c:g}"
        growth = one.growth + (1.0 if setting.mutant else 0.0)
        have = float(ndtr(setting.effect / one.error - z))
        verdict = "refuted" if growth - one.d > z * one.error else "consistent" if have >= POWER else "inconclusive"
        reason = f"{where}: mean b - 1 = {growth:.3f}, mean d = {one.d:.3f}, {one.changes} changes; power {have:.3g}"
        interval = (growth - z * one.error, growth + z * one.error)
        found.append((one.d - growth, f"{where}: b - 1", Outcome(verdict, reason, one.d, growth, interval, have)))
        # the rest are inequalities at every point; sampled gains blur them
        line = one.line + one.gamma - one.gamma_limit  # the certificate, corrected for z/n > 0
        blur = z * one.spread if one.label == "random weights" else 1e-9
        below = one.gain < max(line, one.gamma) - blur
        reason = f"{where}: mean ln R = {one.gain:.3f}, gamma = {one.gamma:.3f}, Lambda d + eta = {one.line:.3f}"
        found.append((one.gain - line, f"{where}: ln R", Outcome("refuted" if below else "consistent", reason, line, one.gain)))
    return replace(worst(found), figure=rate_figure(every))


CLAIMS = (
    Claim(
        "codec-threshold", PAPER, "the reconstructed argument works for every c from 1 to 1.148010 and not for c = 1.148011: "
        "numbers Lambda and eta > 0 with gamma(theta) - Lambda d(theta) >= eta for every theta, to first order in z/n",
        SOURCE, "a bracket 10^-5 higher", 0.0,
        pictured(facts("certified", threshold, "balls in c and theta, and a grid in floats"), threshold_figure),
        r"\gamma(\theta) - \Lambda\, d(\theta) \ge \eta > 0 \quad (0 \le \theta \le 1 - e^{-c})",
        "theta is the probability that a step with one up is rejected, gamma what an accepted change saves at least, d what it "
        "adds to z at most, on average",
    ),
    Claim(
        "codec-certificate", PAPER,
        "(1+1) EA, certified rates, near the optimum: mean b - 1 <= mean d(theta), mean ln R >= Lambda mean d(theta) + eta",
        SOURCE, "b in place of b - 1", 0.25, against_certificate,
        where="b is the number of one-bits lost in an accepted change; theta is the probability that a step with one up is "
        "rejected; R is the gain, d the certificate's bound on growth, Lambda and eta its numbers",
    ),
)  # fmt: skip
