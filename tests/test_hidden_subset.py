"""The hidden subset problem and its schedules: what the bits without weight change (nothing), and exact laws for rates in t."""

from __future__ import annotations

from math import comb, exp, log, sqrt

import mpmath
import numpy as np
import pytest
import sympy

from sim import simulate
from theory import (
    RLS,
    BinVal,
    HiddenSubset,
    InputError,
    Jump,
    LambertSchedule,
    LeadingOnes,
    Linear,
    LogSchedule,
    Metropolis,
    OneMax,
    OnePlusOneEA,
    SqrtSchedule,
    constants,
    exact,
    registry,
    t,
)  # fmt: skip
from theory.derivation import Check, Derivation
from theory.facts import RuntimeFact
from theory.jit import lambert_w
from theory.schedules import at_most_half, recognise

ALPHA = float(constants.hidden_subset_alpha())


def log_rate(s):
    return 0.5 if s == 1 else min(0.5, ALPHA * log(s) / s)


def lambert_rate(s):
    return min(0.5, ALPHA * float(mpmath.lambertw(s)) / s)


def onemax_by_hand(n, rates):
    """P(T <= s), s = 0, 1, ...: from the definition, with binomials written out; shares nothing with theory.exact."""
    law = [comb(n, z) / 2**n for z in range(n + 1)]
    found = [law[0]]
    for p in rates:
        after = [0.0] * (n + 1)
        for z in range(n + 1):
            for a in range(z + 1):
                for b in range(n - z + 1):
                    chance = comb(z, a) * comb(n - z, b) * p ** (a + b) * (1 - p) ** (n - a - b)
                    after[z - a + b if a >= b else z] += law[z] * chance
        law = after
        found.append(law[0])
    return np.array(found)


def points_by_hand(size, fitness, best, rates):
    """P(T <= s) over all points of a string, a run ending where the fitness is the best; points are integers."""
    points = range(2**size)
    values = [fitness(x) for x in points]
    law = np.full(2**size, 2.0**-size)
    done = np.array([value == best for value in values])
    ranks = np.array([sorted(set(values)).index(value) for value in values])
    distance = np.bitwise_count(np.arange(2**size)[:, None] ^ np.arange(2**size)[None, :])
    accepted = ranks[None, :] >= ranks[:, None]
    found = [law[done].sum()]
    for p in rates:
        matrix = np.where(accepted, p**distance * (1.0 - p) ** (size - distance), 0.0)
        matrix[np.diag_indices(2**size)] += 1.0 - matrix.sum(axis=1)
        matrix[done] = np.eye(2**size)[done]
        law = law @ matrix
        found.append(law[done].sum())
    return np.array(found)


# ---- the forward law


PUBLISHED = {
    LogSchedule: (log_rate, [0.0600121, 0.7854348, 0.97923868, 0.99946029], 37.146463871420565),
    LambertSchedule: (lambert_rate, [0.08450786, 0.81489152, 0.97619185, 0.99878795], 34.649884628734576),
}


@pytest.mark.parametrize("schedule", PUBLISHED)
def test_the_law_under_a_schedule_is_that_of_a_chain_written_out_by_hand(schedule):
    rate, table, mean = PUBLISHED[schedule]
    by_hand = onemax_by_hand(8, [rate(s) for s in range(1, 401)])
    law = exact.runtime_distribution(OnePlusOneEA(schedule()).on(HiddenSubset()), n=8, tail=1e-12)
    assert law.cdf[:401] == pytest.approx(by_hand, abs=1e-13)
    assert by_hand[[10, 50, 100, 200]] == pytest.approx(table, abs=6e-8)
    assert float(np.sum(1 - law.cdf[:401])) == pytest.approx(mean, rel=1e-12)
    assert law.mean > mean  # what comes after t = 400 counts, too


def test_the_moments_are_those_of_the_time_cut_at_the_end_of_the_law():
    law = exact.runtime_distribution(OnePlusOneEA(LogSchedule()).on(OneMax()), n=8, tail=1e-3)
    survival = 1 - np.concatenate([[0.0], law.cdf])[1:]
    assert law.mean == pytest.approx(float(survival.sum()), rel=1e-12)
    assert law.tail_mass == pytest.approx(survival[-1], abs=1e-15)


@pytest.mark.parametrize("base", [OneMax(), LeadingOnes(), BinVal(), Linear([3, 1, 2, 5, 1])], ids=str)
def test_a_rate_that_changes_too_late_gives_the_law_of_the_static_rate(base):
    late = OnePlusOneEA("Piecewise((1/6, t < 10**5), (1/5, True))".replace("10**5", "100000")).on(base)
    static = OnePlusOneEA("1/6").on(base)
    there, here = (exact.runtime_distribution(process, n=5, tail=1e-10) for process in (static, late))
    shared = min(len(there.pmf), len(here.pmf))
    assert here.pmf[:shared] == pytest.approx(there.pmf[:shared], abs=1e-14)
    assert here.mean == pytest.approx(there.mean, rel=1e-6)


def test_the_levels_of_leadingones_under_a_schedule_are_those_of_all_points():
    leading = lambda x: (format(x, "05b") + "0").index("0")  # noqa: E731
    by_hand = points_by_hand(5, leading, 5, [log_rate(s) for s in range(1, 60)])
    law = exact.runtime_distribution(OnePlusOneEA(LogSchedule()).on(HiddenSubset(LeadingOnes())), n=5)
    assert law.cdf[:60] == pytest.approx(by_hand, abs=1e-13)


# ---- bits without weight


@pytest.mark.parametrize(("positions", "flipped"), [((0, 1, 2), 0), ((1, 4, 5), 0), ((5, 0, 3), 0b101101)])
@pytest.mark.parametrize("base", [OneMax(), LeadingOnes(), BinVal()], ids=str)
def test_neither_the_positions_of_the_relevant_bits_nor_the_others_change_the_law(base, positions, flipped):
    def fitness(x):
        bits = [(x ^ flipped) >> i & 1 for i in positions]
        return base.value(bits)

    by_hand = points_by_hand(6, fitness, base.value([1, 1, 1]), [log_rate(s) for s in range(1, 40)])
    law = exact.runtime_distribution(OnePlusOneEA(LogSchedule()).on(HiddenSubset(base, size=6)), n=3)
    assert law.cdf[:40] == pytest.approx(by_hand, abs=1e-13)


@pytest.mark.parametrize("base", [OneMax(), LeadingOnes(), BinVal(), Linear([2, -1, 3, 5])], ids=str)
def test_exact_values_and_engines_are_those_of_the_base(base):
    hidden, plain = OnePlusOneEA("c/n").on(HiddenSubset(base)), OnePlusOneEA("c/n").on(base)
    assert exact.expected_runtime(hidden, n=4, c=1) == exact.expected_runtime(plain, n=4, c=1)
    assert exact.expected_runtime(hidden, n=4, c=1, start="zeros") == exact.expected_runtime(plain, n=4, c=1, start="zeros")
    assert exact.worst_start(hidden, n=4, c=1)[1] == exact.worst_start(plain, n=4, c=1)[1]
    assert np.array_equal(hidden.transition(n=4, c=1), plain.transition(n=4, c=1))
    expected, deviation = exact.expected_runtime(plain, n=4, c=1), sqrt(exact.runtime_moments(plain, n=4, c=1)[1])
    from sim.engines import engines_for

    answers = engines_for(hidden)
    assert {name: reason is None for name, reason in answers.items()} == {
        name: reason is None for name, reason in engines_for(plain).items()
    }
    for engine in [name for name, reason in answers.items() if reason is None]:
        runs = simulate(hidden, n=4, c=1, replicates=4000, seed=5, engine=engine).to_pandas().evaluations
        assert abs(runs.mean() - expected) < 4 * deviation / sqrt(4000), engine


def test_a_large_hidden_onemax_is_solved_by_the_band():
    process = OnePlusOneEA("c/n").on(HiddenSubset())
    assert exact.expected_runtime(process, n=1000, c=1) == pytest.approx(16894.689296414024, rel=1e-12)
    assert float(exact.expected_runtime_interval(process, n=100, c=1).mid()) == pytest.approx(1069.5384972597549, rel=1e-14)


@pytest.mark.parametrize(
    ("schedule", "engine"), [(LogSchedule(), "sparse"), (LambertSchedule(), "reference")], ids=["log", "lambert"]
)
def test_simulated_runs_under_a_schedule_follow_the_exact_law(schedule, engine):
    process = OnePlusOneEA(schedule).on(HiddenSubset())
    law = exact.runtime_distribution(process, n=8, tail=1e-9)
    runs = simulate(process, n=8, replicates=20_000, seed=11, engine=engine, budget=10**6).to_pandas().evaluations
    empirical = np.cumsum(np.bincount(runs, minlength=400)[:400]) / len(runs)
    assert np.abs(empirical - law.cdf[:400]).max() < 1.95 / sqrt(20_000)  # Kolmogorov: exceeded with probability 0.001


# ---- names, documents, refusals


def test_it_is_known_by_name_and_survives_a_document():
    found = registry.problem("hidden-subset(base='linear(weights=[1, 2.5])', size=50)")
    assert found.key == "HiddenSubset(Linear(weights=[1, 5/2]), size=50)"
    assert registry.algorithm("one-plus-one-ea", "LogSchedule()").rate == LogSchedule()
    process = OnePlusOneEA(LambertSchedule(2)).on(found)
    assert process.key == f"OnePlusOneEA(rate=LambertSchedule(2)) on {found.key}"
    proof = Derivation("a theorem", checks=(Check("E[T]", "", "premise", RuntimeFact(process, sympy.Integer(1), "<=")),))
    assert Derivation.from_json(proof.to_json()) == proof


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RLS().on(HiddenSubset()), "flips positions of the whole string"),
        (lambda: Metropolis("n").on(HiddenSubset()), "flips positions of the whole string"),
        (lambda: HiddenSubset(Jump(2)), "must be one of OneMax, BinVal, Linear, LeadingOnes"),
        (lambda: HiddenSubset("onemux"), "did you mean OneMax"),
        (lambda: HiddenSubset(size=0), "must be a positive integer"),
        (lambda: exact.expected_runtime(OnePlusOneEA("c/n").on(HiddenSubset(size=5)), n=6, c=1), "size = 5"),
        (lambda: LogSchedule(0), "must be a positive number"),
        (lambda: LambertSchedule("-1"), "must be a positive number"),
        (lambda: exact.expected_runtime(OnePlusOneEA(LogSchedule()).on(OneMax()), n=5), "depends on t"),
        (lambda: exact.runtime_distribution(OnePlusOneEA("1/t + 1/2").on(OneMax()), n=5), "is 1.5 at t = 1"),
        (lambda: exact.runtime_distribution(OnePlusOneEA("1/(t+v)").on(OneMax()), n=5), "depends on t and on the point"),
        (lambda: exact.runtime_distribution(OnePlusOneEA("1/t**2").on(OneMax()), n=5), "is still 0.7"),
        (lambda: exact.runtime_distribution(OnePlusOneEA(LogSchedule()).on(OneMax()), n=5, start="worst"), "worst start"),
    ],
)
def test_what_cannot_be_had_is_refused_in_one_line(make, said):
    with pytest.raises(InputError) as caught:
        make()
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_schedules_are_ordinary_rates_and_recognised_again():
    for make in (LogSchedule, LambertSchedule, SqrtSchedule):
        for a in (2, "3/2", None):
            name, constant = recognise(make(a))
            assert name == make.__name__ and make(constant) == make(a) and at_most_half(make(a))
    assert recognise(sympy.Min(sympy.Rational(1, 2), 2 / t)) is None and recognise(1 / t) is None
    assert not at_most_half(sympy.Max(sympy.Rational(1, 2), 2 / t))
    assert float(LogSchedule().subs(t, 1)) == 0.5
    assert float(SqrtSchedule().subs(t, 100)) == pytest.approx(sqrt(exp(1)) / 20, rel=1e-15)


def test_the_lambert_function_of_the_kernels_is_the_lambert_function():
    for x in (0.0, 1e-12, 0.3, 1.0, 2.5, 7.4, 1e3, 1e9, 4.6e18):
        assert lambert_w.py_func(x) == pytest.approx(float(mpmath.lambertw(x)), rel=4e-16, abs=0)


def test_a_run_that_never_flips_ends_with_the_start_alone():
    with pytest.raises(InputError, match="missed with positive|still"):
        exact.runtime_distribution(OnePlusOneEA("Min(0, t)").on(HiddenSubset()), n=3)
    one = exact.runtime_distribution(OnePlusOneEA(LogSchedule()).on(HiddenSubset()), n=1)
    survival = np.cumprod([1 - log_rate(s) for s in range(1, 30)]) / 2  # a wrong bit is flipped, and that is that
    assert 1 - one.cdf[1:30] == pytest.approx(survival, abs=1e-14)
