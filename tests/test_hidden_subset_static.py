"""Hidden subsets under static mixtures of rates: exact values, bounds, and what all numbers of bits cost together."""

from __future__ import annotations

from fractions import Fraction
from math import comb, log

import mpmath
import oracle
import pytest

from theory import (
    InputError,
    n,
    summability,
)
from theory.bounds import hidden_subset_static
from theory.derivation import Derivation
from theory.hidden_subset import RateMixture, divisors

MIXTURES = [RateMixture({"1/2": "1/5", "1/10": "3/10", "1/100": "1/2"}), RateMixture({0: "1/4", "1/4": "3/4"})]


def replayed(bound):
    assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation
    return bound.derivation.replay().holds


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_the_budget_is_the_sum_of_the_single_flips(mixture):
    assert 0 < mixture.budget - mixture.spent(4999) < 1e-14
    assert sum(mixture.single_flip(size) for size in range(1, 30)) == mixture.spent(29)
    assert mixture.single_flip(3) == sum(w * p * (1 - p) ** 2 for p, w in mixture.rates.items())


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_static_leadingones_is_exact_against_all_points(mixture):
    bound = hidden_subset_static.leadingones(mixture)
    assert replayed(bound)
    for size in (1, 2, 4):
        law = [mixture.exactly(h, size) for h in range(size + 1)]
        times = oracle.rational_times(size, oracle.leadingones, lambda x, law=law: law)
        assert sum(times) / 2**size == mixture.expected_leadingones(size)
        assert bound.evaluate(n=size) == pytest.approx(float(mixture.expected_leadingones(size)), rel=1e-14)


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_static_onemax_lies_between_its_bounds(mixture):
    upper, lower = hidden_subset_static.onemax(mixture)
    assert replayed(upper) and replayed(lower)
    caught = False
    for size in (1, 2, 4, 5, 8, 12):
        law = [mixture.exactly(h, size) for h in range(size + 1)]
        times = [float(x) for x in oracle.symmetric_times(size, oracle.onemax, law)]
        mean = sum(comb(size, z) * x for z, x in enumerate(times)) / 2**size
        assert max(times) <= upper.evaluate(n=size)
        caught = caught or max(times) > 0.8 * upper.evaluate(n=size)
        if size >= 4:
            assert lower.evaluate(n=size) <= mean
        else:
            assert not lower.holds_for(n=size)
    assert caught or mixture is not MIXTURES[0]


@pytest.mark.parametrize("mixture", MIXTURES, ids=str)
def test_no_mixture_spends_more_than_its_budget_on_all_n_together(mixture):
    onemax = leading = 0.0
    for size in range(6, 26):
        law = [mixture.exactly(h, size) for h in range(size + 1)]
        times = oracle.symmetric_times(size, oracle.onemax, [Fraction(float(q)) for q in law])
        mean = sum(comb(size, z) * float(x) for z, x in enumerate(times)) / 2**size
        reached = 1 - 2.0**-size  # K = 1: E[H_min(Z, 1)] is the probability that some bit is wrong
        onemax += reached / mean
    for j in range(8):
        leading += 4**j / float(mixture.expected_leadingones(2 ** (j + 1)))
    assert 0 < onemax <= hidden_subset_static.onemax_budget().evaluate()
    assert 0 < leading <= hidden_subset_static.leadingones_budget().evaluate()
    assert replayed(hidden_subset_static.onemax_budget()) and replayed(hidden_subset_static.leadingones_budget())


def test_the_published_mixture_has_its_normaliser_and_factors():
    D = divisors("1/(n*log(n)**2)")
    with mpmath.workdps(25):
        f = lambda y: 1 / (y * mpmath.log(y) ** 2)  # noqa: E731
        last = 3000
        by_hand = mpmath.fsum(f(mpmath.mpf(i)) for i in range(2, last))
        by_hand += 1 / mpmath.log(last) + f(mpmath.mpf(last)) / 2 - mpmath.diff(f, last) / 12
    assert D.total == pytest.approx(float(by_hand), rel=1e-13)
    expected = {100: 0.92429, 1000: 0.91983, 10_000: 0.92693, 100_000: 0.93473}
    for size, value in expected.items():
        assert hidden_subset_static.factor(D, size, 1.0) == pytest.approx(value, abs=5.1e-6)
    assert sum(D.probability(i) for i in range(1, 20_000)) == pytest.approx(1 - 1 / log(20_000) / D.total, rel=1e-5)
    bound = hidden_subset_static.published()
    assert bound.evaluate(n=100) == pytest.approx(D.total * 100 * log(100) ** 3, rel=1e-12) and replayed(bound)


def test_what_a_static_mixture_reaches_is_decided_from_exponents():
    assert not summability.static_feasible("n*log(n)**2") and summability.static_feasible("n*log(n)**(2 + 1/100)")
    assert not summability.static_feasible("n*log(n)**2*log(log(n))")
    better = summability.improve("n*log(n)**3")
    D = divisors(better.weights)  # a distribution on the rates 1/i that reaches the better runtime
    ratios = [
        log(size) / D.single_flip(size) / float(better.runtime.subs(n, size)) for size in (10**3, 10**4, 10**5)
    ]  # (ln n)/m_D(n) over f'(n) stays bounded
    assert max(ratios) < 1.2 * min(ratios)
    with pytest.raises(InputError, match="diverges"):
        divisors("1/(n*log(n))")
