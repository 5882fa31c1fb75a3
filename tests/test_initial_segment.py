"""Initial segment uncertainty against enumeration of all flips, closed forms, a plain simulation; bounds with planted errors."""

from __future__ import annotations

import functools
import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import oracle
import pytest
import sympy
from flint import fmpq, fmpq_mat

from sim import simulate
from sim.engines import engines_for
from theory import RLS, BinVal, HiddenSubset, InitialSegment, InputError, LeadingOnes, OneMax, OnePlusOneEA, c, i, n
from theory.bounds import random_length
from theory.bounds.common import supported
from theory.bounds.initial_segment import harmonic_lemma, share_holds, waiting
from theory.bounds.initial_segment_onemax import position_rates, repair_rates, time_to_flip, time_to_settle
from theory.derivation import Check, Derivation
from theory.exact import (
    NoExactMethod,
    expected_runtime,
    expected_runtime_interval,
    fixed_target,
    full_transition_matrix,
    runtime_distribution,
    runtime_moments,
    worst_start,
)
from theory.facts import Computation, RuntimeFact
from theory.growth import growth
from theory.problems.initial_segment import iterated_log_rate, rate_for
from theory.registry import problem
from theory.summability import converges, improve

VALUES = {"OneMax": oracle.onemax, "LeadingOnes": oracle.leadingones}
RATES = ("1/(i+1)", "1/(i+1)**2", "2/(i+3)", "i/20", "1/(2**i + 1)", "Max(1/7, 1/(i + 1))", "(7 - i)/(9 + i**2)")
BASES = (OneMax(), LeadingOnes())


def process_of(rate, base, strict=False):
    return OnePlusOneEA(rate, strict).on(InitialSegment(base))


def fractions_of(rate, size, **values):
    expr = OnePlusOneEA(rate).on(InitialSegment()).rate.subs({sympy.Symbol(x, positive=True): y for x, y in values.items()})
    return [Fraction(str(expr.subs(i, x))) for x in range(1, size + 1)]


@functools.cache
def enumerated(rates, name, strict=False):
    """E[T] from every point: all sets of flips of all points, and one linear system in fractions; knows nothing of levels."""
    size, f = len(rates), VALUES[name]
    points = list(itertools.product((0, 1), repeat=size))
    index = {x: at for at, x in enumerate(points)}
    law = {}
    for flips in points:
        chance = fmpq(1)
        for p, flip in zip(rates, flips):
            chance *= fmpq(p.numerator, p.denominator) if flip else 1 - fmpq(p.numerator, p.denominator)
        law[flips] = chance
    last = len(points) - 1  # 1^n
    matrix, right = fmpq_mat(last, last), fmpq_mat(last, 1)
    for x in points[:-1]:
        at = index[x]
        matrix[at, at] = matrix[at, at] + 1
        right[at, 0] = 1
        for flips, chance in law.items():
            y = tuple(a ^ b for a, b in zip(x, flips))
            kept = y if f(y) > f(x) or (f(y) == f(x) and not strict) else x
            if index[kept] != last:
                matrix[at, index[kept]] = matrix[at, index[kept]] - chance
    solution = matrix.solve(right)
    return [Fraction(int(solution[at, 0].p), int(solution[at, 0].q)) for at in range(last)] + [Fraction(0)]


def uniform_mean(times):
    return sum(times) / len(times)


# ---- the problem, and its exact chain


def test_the_problem_is_the_base_on_the_first_bits():
    assert InitialSegment().key == "InitialSegment(OneMax())"
    assert problem("initial-segment").key == "InitialSegment(OneMax())"
    assert problem("initial-segment(base=leading-ones)").key == problem("InitialSegment(leadingones)").key
    for x in itertools.product((0, 1), repeat=4):
        assert InitialSegment(LeadingOnes()).value(x) == oracle.leadingones(x) and InitialSegment().value(x) == sum(x)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("base", BASES, ids=str)
def test_the_chain_is_the_enumeration_of_all_flips(rate, base):
    for size in (1, 2, 3, 4):
        for strict in (False, True):
            times = enumerated(tuple(fractions_of(rate, size)), base.name, strict)
            process = process_of(rate, base, strict)
            assert expected_runtime(process, n=size, rational=True) == uniform_mean(times)
            assert expected_runtime(process, n=size) == pytest.approx(float(uniform_mean(times)), rel=1e-12)
            assert expected_runtime(process, n=size, start="zeros") == pytest.approx(float(times[0]), rel=1e-12)
            assert expected_runtime(process, n=size, start="worst", rational=True) == max(times)
            ones = [x for x in range(2**size) if x.bit_count() == size - 1]
            mean = sum(times[x] for x in ones) / size
            assert expected_runtime(process, n=size, start=1, rational=True) == mean


def test_which_bit_is_the_first_one_counts():
    """The planted error: positions read from the right."""
    times = enumerated(tuple(fractions_of("1/(i+1)", 3)), "LeadingOnes")
    process = process_of("1/(i+1)", LeadingOnes())
    assert expected_runtime(process, n=3, start=np.array([0, 1, 1])) == pytest.approx(float(times[3]))
    assert expected_runtime(process, n=3, start=np.array([1, 1, 0])) == pytest.approx(float(times[6]))
    assert times[3] != times[6]
    backwards = enumerated(tuple(fractions_of("1/(i+1)", 3)[::-1]), "LeadingOnes")
    assert uniform_mean(backwards) != expected_runtime(process, n=3, rational=True)


def test_the_matrix_and_what_is_computed_from_it():
    process = process_of("1/(i+1)", OneMax())
    matrix = full_transition_matrix(process, n=2)
    assert matrix[0] == pytest.approx([1 / 3, 1 / 6, 1 / 3, 1 / 6])  # nothing, bit 2, bit 1, both
    assert matrix.sum(axis=1) == pytest.approx(np.ones(4))
    assert matrix[1] == pytest.approx([0, 1 - 1 / 3 - 1 / 6, 1 / 6, 1 / 3])  # 01 is one rank with 10
    law = runtime_distribution(process, n=3)
    times = np.arange(len(law.pmf))
    assert (times * law.pmf).sum() == pytest.approx(expected_runtime(process, n=3), rel=1e-6)
    assert ((times - law.mean) ** 2 * law.pmf).sum() == pytest.approx(runtime_moments(process, n=3)[1], rel=1e-5)
    assert fixed_target(process, 3, n=3) == pytest.approx(expected_runtime(process, n=3))
    assert worst_start(process, n=3)[1] == pytest.approx(float(max(enumerated(tuple(fractions_of("1/(i+1)", 3)), "OneMax"))))


def test_leadingones_has_its_moments_and_its_law_for_any_number_of_bits():
    process = process_of("1/(i+1)", LeadingOnes())
    small = runtime_distribution(process, n=4)
    powers = full_transition_matrix(process, n=4)
    mass, cdf = np.full(16, 1 / 16), []
    for _ in range(30):
        cdf.append(mass[-1])
        mass = mass @ powers
    assert small.cdf[:30] == pytest.approx(cdf, abs=1e-9)
    law = runtime_distribution(process, n=15)
    times = np.arange(len(law.pmf))
    mean, variance = runtime_moments(process, n=15)
    assert mean == pytest.approx(15 * 16 * 17 / 6) and (times * law.pmf).sum() == pytest.approx(mean, rel=1e-6)
    assert ((times - mean) ** 2 * law.pmf).sum() == pytest.approx(variance, rel=1e-5)
    for size in (1, 10, 500):
        ball = expected_runtime_interval(process, n=size)
        assert abs(ball - size * (size + 1) * (size + 2) // 6) < 1e-20
        assert expected_runtime(process, n=size) == pytest.approx(size * (size + 1) * (size + 2) / 6, rel=1e-12)


def test_one_rate_for_all_bits_is_the_base():
    for base in BASES:
        process = OnePlusOneEA("c").on(InitialSegment(base))
        assert expected_runtime(process, n=30, c="1/30") == expected_runtime(OnePlusOneEA("c/n").on(base), n=30, c=1)
        known = {b.expr for b in OnePlusOneEA("c").on(base).bounds()}
        assert known and known <= {b.expr for b in process.bounds()}


def test_a_bit_that_never_flips_makes_the_runtime_infinite():
    for base in BASES:
        assert expected_runtime(process_of("Max(0, (2 - i)/3)", base), n=3) == math.inf
    assert expected_runtime(process_of("1/i", LeadingOnes()), n=3) == math.inf  # bit 1 flips always
    assert expected_runtime(process_of("1/i", LeadingOnes()), n=1) == 0.5


# ---- refusals


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OnePlusOneEA("1/(i+1)").on(OneMax()), "depends on the position i.*not on OneMax"),
        (lambda: OnePlusOneEA("1/(i+1)").on(HiddenSubset()), "depends on the position i.*not on HiddenSubset"),
        (lambda: OnePlusOneEA("c/n").on(InitialSegment()), "n is not known"),
        (lambda: OnePlusOneEA("1/t").on(InitialSegment()), "not on t"),
        (lambda: OnePlusOneEA("1/(i + v + 1)").on(InitialSegment()), "not on v"),
        (lambda: RLS().on(InitialSegment()), "flips positions of the whole string"),
        (lambda: InitialSegment(BinVal()), "must be OneMax"),
        (lambda: InitialSegment(3), "must be OneMax"),
        (lambda: InitialSegment("onemx"), "did you mean OneMax"),
        (lambda: expected_runtime(process_of("2/i", OneMax()), n=3), "2 at i = 1; a mutation rate must lie"),
        (lambda: expected_runtime(process_of("1/log(i)", OneMax()), n=3), "no value at i = 1"),
        (lambda: expected_runtime(process_of("1/(i+1)", OneMax()), n=30), "up to n = 12"),
        (lambda: expected_runtime(process_of("1/(i+1)", LeadingOnes()), n=30, start="zeros"), "from a uniform start"),
        (lambda: expected_runtime(process_of("1/sqrt(i+1)", OneMax()), n=3, rational=True), "not a rational number"),
        (lambda: expected_runtime_interval(process_of("1/(i+1)", OneMax()), n=3), "needs one rate for all bits"),
        (lambda: iterated_log_rate(0, 1), "depth: 0 must be a positive integer"),
        (lambda: iterated_log_rate(1, 0), "excess: 0 must be positive"),
        (lambda: iterated_log_rate(1, 1, factor=1), "factor: 1 must lie between"),
        (lambda: rate_for("leading-ones", "n**2*log(n)*log(log(n))"), "diverges"),
        (lambda: rate_for("onemax", "n*log(n)**2"), "diverges"),
        (lambda: rate_for("onemax", "n**2", factor=-1), "factor: -1 must be positive"),
        (lambda: rate_for("onemax", "exp(n)"), "not decided"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_every_engine_simulates_one_rate_for_all_positions():
    assert None in engines_for(process_of("1/9", OneMax())).values()
    runs = simulate(process_of("1/9", LeadingOnes()), n=5, replicates=2000, seed=3)
    exact = expected_runtime(process_of("1/9", LeadingOnes()), n=5)
    assert np.mean(runs.evaluations) == pytest.approx(exact, abs=5 * np.std(runs.evaluations) / 2000**0.5)


# ---- LeadingOnes


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_leadingones_is_exact_and_below_its_fitness_levels(rate, strict):
    process = process_of(rate, LeadingOnes(), strict)
    exact, upper = process.bounds("derived")[:2]
    assert (exact.direction, exact.start, upper.direction, upper.start) == ("exact", "uniform", "upper", "any")
    for size in range(1, 6):
        times = enumerated(tuple(fractions_of(rate, size)), "LeadingOnes", strict)
        assert exact.evaluate(n=size) == pytest.approx(float(uniform_mean(times)), rel=1e-12)
        assert exact.with_(exact_function=None).evaluate(n=size) == pytest.approx(exact.evaluate(n=size), rel=1e-12)
        assert upper.evaluate(n=size) >= float(max(times)) and upper.evaluate(n=size) == pytest.approx(2 * exact.evaluate(n=size))


def test_the_rates_of_cathabard_lehre_and_yao_have_their_closed_form():
    exact = process_of("1/(i+1)", LeadingOnes()).bounds()[0]
    assert exact.expr == n * (n + 1) * (n + 2) / 6 and exact.conditions_text == ""
    assert (exact.evaluate(n=10), exact.evaluate(n=50)) == (220, 22100)
    for a in ("2", "1/3", "7/2"):
        bound = process_of(f"1/(i + {a})", LeadingOnes()).bounds()[0]
        assert not bound.expr.has(sympy.Sum)
        for size in (1, 4, 5):
            times = enumerated(tuple(fractions_of(f"1/(i + {a})", size)), "LeadingOnes")
            assert Fraction(str(bound.expr.subs(n, size))) == uniform_mean(times)
    with_c = process_of("1/(i+c)", LeadingOnes()).bounds()[0]
    assert with_c.evaluate(n=4, c=2) == pytest.approx(expected_runtime(process_of("1/(i+c)", LeadingOnes()), n=4, c=2))
    assert process_of("1/(i - 1 + c)", LeadingOnes()).bounds()[0].conditions_text == "c - 1 > 0"


def test_rates_outside_of_0_and_1_have_no_bound():
    for base in BASES:
        for bound in process_of("2/i", base).bounds():
            assert not bound.holds_for(n=3)
        for bound in process_of("c/i", base).bounds():
            assert bound.holds_for(n=30, c="0.9") and not bound.holds_for(n=30, c=1)


def test_no_rates_for_leadingones_spend_more_than_4_on_all_lengths():
    """The sum over m of m/E[T(m)]; 3 for p_i = 1/(i+1), where the bound tends to 4, and random rates are within it."""
    bound = process_of("1/(i+1)", LeadingOnes()).bounds()[-1]
    spent = sum(Fraction(6, (m + 1) * (m + 2)) for m in range(1, 2001))
    assert 2.99 < spent < 3 and spent < bound.evaluate(n=2000) < 4
    rng = np.random.default_rng(5)
    for _ in range(200):
        p = rng.uniform(0, 1, 40) ** rng.integers(1, 9) * 0.999
        q = p * np.concatenate([[1], np.cumprod(1 - p[:-1])])
        expected = np.cumsum(1 / q) / 2
        assert (np.arange(1, 41) / expected).sum() <= 4 * (1 - np.prod(1 - p)) * (1 + 1e-12)


def test_the_constant_2_of_the_lemma_is_the_best():
    """For a_i = 1/i the quotient is 2 - 2/H_N nearly: 1.86 at N = 10^6."""
    a = 1 / np.arange(1, 10**6 + 1.0)
    quotient = (np.arange(1, 10**6 + 1) / np.cumsum(1 / a)).sum() / a.sum()
    assert 1.85 < quotient < 2
    assert harmonic_lemma().replay().holds is True


# ---- OneMax


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_onemax_lies_between_its_bounds(rate, strict):
    process = process_of(rate, OneMax(), strict)
    upper, flips, means = process.bounds("derived")[:3]
    assert (upper.direction, upper.start) == ("upper", "any")
    assert (flips.direction, flips.start, means.direction, means.start) == ("lower", "uniform", "lower", "uniform")
    for size in range(1, 6):
        times = enumerated(tuple(fractions_of(rate, size)), "OneMax", strict)
        assert means.evaluate(n=size) <= flips.evaluate(n=size) <= float(uniform_mean(times)) * (1 + 1e-12)
        if sorted(fractions_of(rate, size), reverse=True) == fractions_of(rate, size):
            assert upper.evaluate(n=size) >= float(max(times))
            assert upper.with_(exact_function=None).evaluate(n=size) == pytest.approx(upper.evaluate(n=size), rel=1e-12)
        else:
            assert not upper.holds_for(n=size)
        assert means.with_(exact_function=None).evaluate(n=size) == pytest.approx(means.evaluate(n=size), rel=1e-12)


def test_for_rates_that_rise_the_levels_would_be_wrong():
    """The condition is needed: with a rare first bit the sum over the last bits is too small."""
    bound = process_of("1/100 + (i - 1)/3", OneMax()).bounds()[0]
    times = enumerated(tuple(fractions_of("1/100 + (i - 1)/3", 2)), "OneMax")
    assert not bound.holds_for(n=2) and bound.exact_function({"n": 2}) < float(max(times))


def test_planted_errors_in_the_bounds_on_onemax_are_caught():
    rate = "1/(i+1)"
    upper = process_of(rate, OneMax()).bounds("derived")[0]
    caught = dict.fromkeys(("without P", "all bits are zero at the start", "H_n for E[H_B]"), 0)
    for size in range(1, 6):
        p = np.array([float(x) for x in fractions_of(rate, size)])
        times = enumerated(tuple(fractions_of(rate, size)), "OneMax")
        mean, worst = float(uniform_mean(times)), float(max(times))
        caught["without P"] += upper.evaluate(n=size) * np.prod(1 - p) < worst
        caught["all bits are zero at the start"] += (
            sum(1 - math.prod(1 - (1 - x) ** step for x in p) for step in range(500)) > mean
        )
        caught["H_n for E[H_B]"] += np.mean(-1 / np.log1p(-p)) * sum(1 / x for x in range(1, size + 1)) > mean
    assert all(caught.values()), caught


def test_that_each_bit_must_flip_alone_is_no_lower_bound():
    """A rare zero-bit may flip together with a frequent one-bit: at equal fitness, and the latter is repaired soon."""
    rates = (Fraction(1, 2), Fraction(1, 100))
    exact = uniform_mean(enumerated(rates, "OneMax"))
    alone = [p * math.prod(1 - other for other in rates[:x] + rates[x + 1 :]) for x, p in enumerate(rates)]
    naive = time_to_flip(alone)
    assert exact < Fraction(6, 10) * naive
    p = np.array([float(x) for x in rates])
    assert time_to_settle(-np.log1p(-repair_rates(p))) < float(exact)  # the formula with the hand-off stays below, here
    # and on rates whose series converges, from n = 2 on
    process = process_of("c/(i*log(i+E-1)**2)", OneMax())
    for size in (2, 6, 10):
        p = position_rates(process.rate, {"n": size, "c": Fraction(1, 2)})
        naive = time_to_settle(-np.log1p(-p / (1 - p) * np.prod(1 - p)))
        assert naive > 1.4 * expected_runtime(process, n=size, c="1/2")


def test_the_hand_off_formula_approaches_the_exact_values():
    process = process_of("c/(i*log(i+E-1)**2)", OneMax())
    (bound,) = process.bounds("heuristic")
    assert bound.status == "heuristic" and "heuristic" in str(bound)
    for constant, within in (("1/2", 0.08), ("1/5", 0.04)):
        quotients = [bound.evaluate(n=x, c=constant) / expected_runtime(process, n=x, c=constant) for x in (4, 6, 8, 10)]
        assert quotients == sorted(quotients) and 1 - within < quotients[-1] < 1
    assert process_of("1/(i+1)", OneMax()).bounds("heuristic") == []  # a series that diverges: nothing is claimed
    assert process_of("c/(i*log(i+E-1)**2)", OneMax(), strict=True).bounds("heuristic") == []  # ties are rejected: no hand-off


def test_the_hand_off_formula_is_what_plain_runs_show_and_the_single_flip_is_not():
    process = process_of("c/(i*log(i+E-1)**2)", OneMax())
    size, runs, rng = 32, 1000, np.random.default_rng(20)
    p = position_rates(process.rate, {"n": size, "c": Fraction(1, 2)})
    x = rng.random((runs, size)) < 0.5
    times, step, alive = np.zeros(runs), 0, np.arange(runs)
    while True:
        open_runs = ~x.all(axis=1)
        times[alive[~open_runs]] = step
        x, alive = x[open_runs], alive[open_runs]
        if not len(alive):
            break
        step += 1
        y = x ^ (rng.random(x.shape, dtype=np.float32) < p)
        better = y.sum(axis=1) >= x.sum(axis=1)
        x[better] = y[better]
    error = times.std() / runs**0.5
    (bound,) = process.bounds("heuristic")
    assert abs(bound.evaluate(n=size, c="1/2") - times.mean()) < 4 * error + 0.05 * times.mean()
    naive = time_to_settle(-np.log1p(-p / (1 - p) * np.prod(1 - p)))
    assert naive > 1.3 * (times.mean() + 4 * error)
    flips, means = process.bounds("derived")[1:3]
    assert means.evaluate(n=size, c="1/2") < flips.evaluate(n=size, c="1/2") < times.mean() + 4 * error
    assert process.bounds("derived")[0].evaluate(n=size, c="1/2") > times.mean()


def test_the_time_until_all_have_flipped_is_the_sum_over_time_and_over_sets():
    for rates in (("1/2",), ("1/3", "1/7"), ("1/2", "1/50", "1/900"), ("1/9",) * 6):
        exact = [Fraction(x) for x in rates]
        p = np.array([float(x) for x in exact])
        assert time_to_settle(-np.log1p(-p)) == pytest.approx(float(time_to_flip(exact)), rel=1e-11)
        direct = sum(1 - math.prod(1 - (1 - x) ** step / 2 for x in p) for step in range(40_000))
        assert float(time_to_flip(exact)) == pytest.approx(direct, rel=1e-10)


def test_rates_whose_series_converges_spend_a_bounded_amount_on_all_lengths():
    for rate in ("1/(i+1)**2", "1/(i+1)", "1/(2**i + 1)", "i/20"):
        process = process_of(rate, OneMax())
        bound = process.bounds("derived")[-1]
        assert bound.quantity == "sum over m <= n of ln(m+1)/E[T(m)]"
        spent = 0.0
        for size in range(1, 6):
            spent += math.log(size + 1) / float(uniform_mean(enumerated(tuple(fractions_of(rate, size)), "OneMax")))
            assert spent <= bound.evaluate(n=size)
        assert share_holds(process, 4)


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


# ---- a random number of bits


def test_a_geometric_number_of_bits_has_its_closed_form():
    exact = random_length.bounds()[0]
    for p, q in (("1/20", "1/10"), ("1/7", "1/2"), ("2/5", "9/10")):
        mean, weight = 0.0, float(Fraction(q))
        for size in range(1, 1200):
            mean += weight * expected_runtime(OnePlusOneEA("c").on(InitialSegment(LeadingOnes())), n=size, c=p)
            weight *= 1 - float(Fraction(q))
            if weight == 0 or size > 60 / (float(Fraction(q)) - float(Fraction(p))):
                break
        assert exact.evaluate(p=p, q=q) == pytest.approx(mean, rel=1e-9)
    assert exact.evaluate(p="1/20", q="1/10") == 190
    assert not exact.holds_for(p="1/10", q="1/10")


def test_the_best_rate_for_a_geometric_number_of_bits():
    exact, best = random_length.bounds()
    for q in (0.01, 0.1, 0.5, 0.99):
        with mpmath.workdps(30):
            mean = sympy.lambdify(random_length.p, random_length.MEAN.subs(random_length.q, str(q)), "mpmath")
            root = mpmath.findroot(lambda p, mean=mean: mpmath.diff(mean, p), (0.4 * q, 0.999 * q), solver="bisect", tol=1e-18)
        rate = float(random_length.BEST_RATE.subs(random_length.q, q))
        assert rate == pytest.approx(float(root), rel=1e-9)
        assert best.evaluate(q=q) == pytest.approx(exact.evaluate(p=Fraction(rate), q=q), rel=1e-12)
        for factor in (0.5, 0.9, 1.1, 1.5):
            if factor * rate < q:
                assert exact.evaluate(p=factor * rate, q=q) > best.evaluate(q=q)
        assert best.evaluate(q=q) == pytest.approx(1 / (2 * rate**2), rel=1e-12)


# ---- derivations


@pytest.mark.parametrize("base", BASES, ids=str)
@pytest.mark.parametrize("rate", ["1/(i+1)", "1/(i+1)**2", "c/(i+1)", "1/(i+c)"])
def test_every_premise_is_replayed_and_survives_json(base, rate):
    for bound in process_of(rate, base).bounds("derived"):
        found = bound.derivation.replay()
        assert found.holds is True, f"{bound}\n{found}"
        assert Derivation.from_json(bound.derivation.to_json()) == bound.derivation


def test_derivations_of_a_random_number_of_bits_are_replayed():
    for bound in random_length.bounds():
        assert bound.derivation.replay().holds is True
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
    wrong = Computation("theory.bounds.initial_segment:share_holds", (("process", process), ("size", 3)), False)
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
