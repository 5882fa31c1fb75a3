"""Initial segment uncertainty: rates for a runtime, orders, and derivations that replay."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import sympy
from positional_oracle import BASES, fractions_of, process_of

from theory import LeadingOnes, OneMax, c, i, n
from theory.bounds.common import supported
from theory.bounds.initial_segment import waiting
from theory.derivation import Check, Derivation
from theory.exact import NoExactMethod, expected_runtime
from theory.facts import Computation, RuntimeFact
from theory.growth import growth
from theory.problems.initial_segment import iterated_log_rate, rate_for
from theory.summability import converges, improve

# ---- orders, and rates for a runtime


@pytest.mark.parametrize("base", BASES, ids=str)
def test_rates_for_a_runtime_reach_it_for_every_n(base):
    linear = isinstance(base, LeadingOnes)
    texts = (
        ("n**2*log(n)**2", "n**2*log(n)*log(log(n))**2", "n**3")
        if linear
        else ("n*log(n)**3", "n*log(n)**2*log(log(n))**2", "n**2")
    )
    for text in texts:
        rate = rate_for(base, text)
        process = process_of(rate, base)
        upper = next(b for b in process.bounds("derived") if b.direction in ("exact", "upper"))
        f = sympy.lambdify(n, growth(text).expr(), "math")
        quotients = [upper.evaluate(n=size) / f(size) for size in (100, 1000, 10_000, 100_000)]
        assert max(quotients) < 60 and quotients[-1] < 1.05 * quotients[-2]
        (theta,) = (b for b in process.bounds("derived") if b.direction == "theta")
        assert growth(theta.expr / growth(text).expr()).powers == ()


def test_rates_of_an_improved_runtime_are_faster_for_large_n():
    """No static rates are best for all n: twice improved, the exact runtime of LeadingOnes is smaller from some n on."""
    f = "n**2*log(n)**3"
    better = improve(f, per_term="n").runtime
    assert converges(rate_for("leading-ones", better), i)
    runtime = [process_of(rate_for("leading-ones", g), LeadingOnes()).bounds()[0] for g in (f, better)]
    quotients = [runtime[1].evaluate(n=10**x) / runtime[0].evaluate(n=10**x) for x in range(2, 7)]
    assert quotients == sorted(quotients, reverse=True) and quotients[-1] < 0.5 * quotients[0]


def test_the_iterated_logarithms_of_doerr_doerr_and_koetzing():
    def term(x, depth, eps):
        level, product = x, x
        for j in range(1, depth + 1):
            level = math.log2(level) if level >= 2 else 1.0
            product *= level ** (1 + eps if j == depth else 1)
        return 1 / (2 * product)

    for depth, eps in ((1, 0.5), (2, 1), (3, 0.1)):
        rate = iterated_log_rate(depth, eps)
        for x in (1, 2, 3, 4, 5, 16, 17, 1000, 10**7):
            assert float(rate.subs(i, x)) == pytest.approx(term(x, depth, eps), rel=1e-12)
        assert converges(rate, i)
        assert not converges(rate * sympy.log(i) ** (1 + eps), i)


def test_the_order_of_the_runtime_is_that_of_the_exact_sum():
    process = process_of("1/(2*(i+2)*log(i+2)**2)", LeadingOnes())
    exact = process.bounds()[0]
    (theta,) = (b for b in process.bounds() if b.direction == "theta")
    assert theta.expr == n**2 * sympy.log(n) ** 2
    order = [exact.evaluate(n=10**x) / float(theta.expr.subs(n, 10**x)) for x in (2, 4, 6)]
    assert max(order) / min(order) < 2
    onemax = process_of("1/(2*(i+2)*log(i+2)**2)", OneMax()).bounds()
    (theta,) = (b for b in onemax if b.direction == "theta")
    for bound in onemax[:3]:
        order = [bound.evaluate(n=10**x) / float(theta.expr.subs(n, 10**x)) for x in (1, 2, 3, 4)]
        assert max(order) / min(order) < 4
    assert not [b for b in process_of("1/(i+1)", LeadingOnes()).bounds() if b.direction == "theta"]  # n^3/6, and not n^2


# ---- derivations


@pytest.mark.parametrize("base", BASES, ids=str)
@pytest.mark.parametrize("rate", ["1/(i+1)", "1/(i+1)**2", "c/(i+1)", "1/(i+c)"])
def test_every_premise_is_replayed_and_survives_json(base, rate):
    for bound in process_of(rate, base).bounds("derived"):
        found = bound.derivation.replay()
        assert found.holds is True, f"{bound}\n{found}"
        assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation


def test_wrong_conclusions_are_refuted_by_their_own_data():
    process = process_of("1/(i+1)", LeadingOnes())
    exact, upper = process.bounds()[:2]
    for bound, expr, sense in ((exact, exact.expr - 1, "=="), (upper, exact.expr, "<=")):
        fact = RuntimeFact(process, expr, sense, "worst" if sense == "<=" else "uniform", (1, 2, 3))
        assert supported(bound, Check("wrong", "", "conclusion", fact)).derivation.replay().holds is False
    onemax = process_of("1/(i+1)", OneMax())
    fact = RuntimeFact(onemax, onemax.bounds()[2].expr * 3, ">=", sizes=(1, 2, 3))
    assert fact.replay().holds is False
    given = (("process", process), ("size", 3), ("share", sympy.Rational(1, 2)))
    wrong = Computation("theory.bounds.initial_segment:share_holds", given)
    assert wrong.replay().holds is False


def test_waiting_times_are_reciprocals_of_first_flips():
    """Probabilities that the first flipped bit is i, by enumeration, add up to 1 - P(nothing flips)."""
    rates = fractions_of("1/(i+1)", 4)
    first = [Fraction(0)] * 4
    for flips in itertools.product((0, 1), repeat=4):
        if any(flips):
            first[flips.index(1)] += math.prod(p if flip else 1 - p for p, flip in zip(rates, flips))
    assert waiting(1 / (i + 1), {"n": 4}) == pytest.approx([float(1 / x) for x in first])
    assert sum(first) == 1 - math.prod(1 - p for p in rates)
    with pytest.raises(NoExactMethod):
        expected_runtime(process_of(1 / (i + 1), OneMax()), n=13)
    assert str(process_of(c / (i + 1), OneMax())) == "OnePlusOneEA(rate=c/(i + 1)) on InitialSegment(OneMax())"
