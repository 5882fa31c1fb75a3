"""Initial segment uncertainty: the problem, its exact chain against enumeration of all flips, what is refused."""

from __future__ import annotations

import itertools
import math

import numpy as np
import oracle
import pytest
from positional_oracle import BASES, RATES, enumerated, fractions_of, process_of, uniform_mean

from sim import simulate
from sim.engines import engines_for
from theory import RLS, BinVal, HiddenSubset, InitialSegment, InputError, LeadingOnes, OneMax, OnePlusOneEA
from theory.exact import (
    expected_runtime,
    expected_runtime_interval,
    fixed_target,
    full_transition_matrix,
    runtime_distribution,
    runtime_moments,
    worst_start,
)
from theory.problems.initial_segment import iterated_log_rate, rate_for
from theory.registry import problem

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
