"""The entropy certificate: its two curves, the lemma that they rest on, the linear programme and its proofs in balls."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from theory import HotTopic, InputError, OnePlusOneEA, c, n
from theory.monotone import certificate as entropy
from theory.monotone.certificate import certificate, certified_up_to, crossing_bracket, holds, refuted


def curves(constant):
    """gamma, d and the largest theta, in floats, written down independently."""
    none = math.exp(-constant)
    two = 1 - none - constant * none

    def gamma(theta):
        return np.log((1 - theta) / (none + (1 - none) * np.minimum(1, theta / two)))

    def growth(theta):
        return (constant - theta * constant / (1 - none)) / (1 - theta) - 1

    return gamma, growth, 1 - none


@pytest.mark.parametrize("constant", [0.7, 1.0, 1.1, 1.148, 1.5])
def test_the_curves_have_their_values_at_the_ends_and_agree_with_floats(constant):
    gamma, growth, top = curves(constant)
    ball = entropy._Curves(arb(constant))
    assert float(ball.saved(arb(0)).mid()) == pytest.approx(constant)
    assert float(ball.grown(arb(0)).mid()) == pytest.approx(constant - 1)
    assert growth(top) == pytest.approx(-1)
    for theta in np.linspace(0, top * 0.999, 23):
        assert float(ball.saved(arb(theta)).mid()) == pytest.approx(gamma(theta), abs=1e-12)
        assert float(ball.grown(arb(theta)).mid()) == pytest.approx(growth(theta), abs=1e-12)


def test_the_zero_of_gamma_is_where_it_was_found():
    for constant, zero in ((1.0, 0.18634469471), (1.1, 0.20740248699)):
        assert curves(constant)[0](zero) == pytest.approx(0, abs=1e-10)


def test_intervals_contain_the_curves():
    draw = random.Random(3)
    for _ in range(300):
        constant = draw.uniform(0.5, 1.5)
        gamma, growth, top = curves(constant)
        a, b = sorted(draw.uniform(0, top) for _ in range(2))
        multiplier = draw.uniform(0, 12)
        value = entropy._Curves(arb(constant)).difference(arb(a).union(arb(b)), arb(multiplier))
        inside = np.linspace(a, b, 9)
        truth = gamma(inside) - multiplier * growth(inside)
        assert all(value.lower() <= arb(x) + 1e-9 and value.upper() >= arb(x) - 1e-9 for x in truth)


@pytest.mark.parametrize(
    ("constant", "eta"), [("1.02", 0.787), ("1.05", 0.537), ("1.08", 0.339), ("1.1", 0.226), ("1.12", 0.126), ("1.148", 0.0)]
)
def test_the_certificate_is_the_optimum_of_the_linear_programme(constant, eta):
    from scipy.optimize import linprog

    found = certificate(constant)
    gamma, growth, top = curves(float(found.c))
    theta = np.linspace(0, top * (1 - 1e-9), 4001)
    rows = np.column_stack([growth(theta), np.ones_like(theta)])
    best = linprog([0, -1], A_ub=rows, b_ub=gamma(theta), bounds=[(0, None), (None, None)])
    assert found.proved and float(found.eta) == pytest.approx(-best.fun, rel=1e-3, abs=1e-5)
    assert float(found.eta) <= -best.fun + 1e-9
    assert float(found.eta) == pytest.approx(eta, abs=1e-3)
    assert holds(found.c, found.Lambda, found.eta)
    assert not holds(found.c, found.Lambda, found.eta * Fraction(1001, 1000) + Fraction(1, 10**5))  # planted


def test_at_rate_one_eta_is_one_and_below_it_grows():
    assert 0.999 < certificate(1).eta < 1
    assert certificate("0.9").eta > certificate(1).eta
    Lambda, eta, proved = certificate(1)
    assert proved and Lambda > 0 and eta > 0


def test_the_range_of_the_reconstruction_is_bracketed_from_both_sides():
    low, high = crossing_bracket(8)
    assert (low, high) == (Fraction(114801061, 10**8), Fraction(114801062, 10**8))
    assert certificate(low).proved and not refuted(low)
    assert refuted(high) and not certificate(high).proved
    assert certified_up_to("1.148") and not certified_up_to("1.149")
    with pytest.raises(InputError, match="c: 3 must be positive and at most 2"):
        certificate(3)
    with pytest.raises(InputError, match="digits: 0 must be an integer from 1 to 10"):
        crossing_bracket(0)


# ---- the lemma on pairs, for one fixed function


def random_monotone(size, draw):
    """f of the empty set is 0, f(x) the largest value just below it plus an exponential number."""
    f = [0.0] * 2**size
    for x in sorted(range(1, 2**size), key=int.bit_count):
        f[x] = max(f[x ^ (1 << i)] for i in range(size) if x >> i & 1) + draw.expovariate(1)
    return f


def shares(size, y, better):
    """phi, alpha_b and beta_b at y; ``better(u, v)``: u is at least as good as v, asked anew each time."""
    zeros = [i for i in range(size) if not y >> i & 1]
    ones = [i for i in range(size) if y >> i & 1]

    def mean(values):
        values = list(values)
        return sum(values) / len(values) if values else None

    def mask(bits):
        return sum(1 << i for i in bits)

    phi = mean(not better(y, (y | 1 << j) ^ 1 << i) for j in zeros for i in ones)
    alpha = [mean(better((y | 1 << j) ^ mask(B), y) for j in zeros for B in itertools.combinations(ones, b)) for b in range(5)]
    beta = [mean(better(y, (y ^ 1 << i) | mask(B)) for i in ones for B in itertools.combinations(zeros, b)) for b in range(5)]
    return phi, alpha, beta


def violations(size, y, better):
    phi, alpha, beta = shares(size, y, better)
    bad = alpha[0] != 1 or beta[0] != 1
    bad |= beta[1] is not None and abs(beta[1] - (1 - phi)) > 1e-12
    falling = [x for x in alpha if x is not None]
    bad |= any(a < b - 1e-12 for a, b in itertools.pairwise(falling))
    bad |= any(x is not None and x > phi + 1e-12 for x in alpha[2:])
    return bad or any(x is not None and x > 1 - phi + 1e-12 for x in beta[2:])


def test_the_pair_lemma_holds_at_every_state_of_a_fixed_function_and_fails_for_a_changing_one():
    draw, size = random.Random(11), 6
    for _ in range(12):
        f = random_monotone(size, draw)
        assert not any(violations(size, y, lambda u, v, f=f: f[u] >= f[v]) for y in range(1, 2**size - 1))
    changing = 0
    for y in range(1, 2**size - 1):

        def better(u, v):  # the pessimist: of two points that the order leaves open the one with more zero-bits wins
            return u & v == v or (u & v != u and u.bit_count() <= v.bit_count())

        changing += violations(size, y, better)
    assert changing > 30


# ---- the bound


def test_the_bound_says_what_is_certified_and_what_is_not():
    (bound,) = (b for b in OnePlusOneEA(c / n).on(HotTopic()).bounds() if b.direction == "theta")
    assert bound.status == "heuristic" and bound.side == "upper" and "reconstructed" in str(bound.derivation)
    assert bound.holds_for(n=50, c="1.148") and not bound.holds_for(n=50, c="1.149")
    outcomes = {check.fact.replay().holds for check in bound.derivation.checks}
    assert outcomes == {True, None}  # None: the cited theorem
