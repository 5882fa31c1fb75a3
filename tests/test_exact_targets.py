"""Fixed targets, fixed budgets, optimal rates and the PRISM export, against closed forms and a chain written here."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import oracle
import pytest

from theory import RLS, BinVal, InputError, Jump, LeadingOnes, Needle, OneMax, OnePlusOneEA, exact
from theory.exact.errors import NoExactMethod
from theory.exact.optimal import optimal_rate, optimal_rates
from theory.exact.prism import to_prism
from theory.exact.targets import fixed_budget, fixed_target

EA = OnePlusOneEA("c/n")


def solve(text: str) -> Fraction:
    """E[steps] until "optimal" of a PRISM model of the kind that is written here: a reader of its own, in fractions."""
    assert re.search(r"^dtmc$", text, re.M)
    low, high, init = map(int, re.search(r"s : \[(\d+)\.\.(\d+)\] init (\d+);", text).groups())
    laws = {}
    for line in re.findall(r"^  \[\] (.*);", text, re.M):
        state, law = re.fullmatch(r"s=(\d+) -> (.*)", line).groups()
        laws[int(state)] = {int(to): Fraction(x) for x, to in re.findall(r"(\S+) : \(s'=(\d+)\)", law)}
        assert sum(laws[int(state)].values()) == 1
    ends = {int(x) for x in re.findall(r"s=(\d+)", re.search(r'label "optimal" = (.*);', text)[1])}
    last = int(re.search(r'rewards "steps"\n  s<=(\d+) : 1;', text)[1])
    states = [x for x in range(low, high + 1) if x not in ends]
    place = {x: i for i, x in enumerate(states)}
    rows = [[Fraction(0)] * (len(states) + 1) for _ in states]
    for x in states:
        row = rows[place[x]]
        row[place[x]] += 1
        row[-1] += int(x <= last)
        for to, chance in laws[x].items():
            if to in place:
                row[place[to]] -= chance
    for i in range(len(states)):  # Gauss-Jordan
        pivot = next(j for j in range(i, len(states)) if rows[j][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [entry / rows[i][i] for entry in rows[i]]
        for j in range(len(states)):
            if j != i and rows[j][i]:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i])]
    return Fraction(0) if init in ends else rows[place[init]][-1]


@pytest.mark.parametrize("start", ["uniform", "zeros", 2])
@pytest.mark.parametrize(
    "process",
    [EA.on(OneMax()), EA.on(Jump(2)), OnePlusOneEA("1/(k+1)").on(OneMax()), RLS().on(OneMax()), EA.on(BinVal()),
     EA.on(LeadingOnes()), OnePlusOneEA("1/3", strict=True).on(Needle())],
    ids=str,
)  # fmt: skip
def test_the_prism_model_has_the_same_expected_runtime(process, start):
    values = {"n": 4} | ({"c": Fraction(3, 2)} if "c" in process.needed else {})
    assert solve(to_prism(process, start=start, **values)) == exact.expected_runtime(
        process, start=start, rational=True, **values
    )


def test_storm_agrees_with_the_prism_model(tmp_path):
    stormpy = pytest.importorskip("stormpy")
    for process, values in (
        (EA.on(OneMax()), {"n": 10, "c": 1}),
        (EA.on(Jump(3)), {"n": 8, "c": 2}),
        (EA.on(BinVal()), {"n": 5, "c": 1}),
    ):
        path = tmp_path / "model.prism"
        path.write_text(to_prism(process, **values))
        program = stormpy.parse_prism_program(str(path))
        formulas = stormpy.parse_properties('R{"steps"}=? [ F "optimal" ]', program)
        model = stormpy.build_model(program, formulas)
        found = stormpy.model_checking(model, formulas[0]).get_value(model.initial_states[0])
        assert found == pytest.approx(exact.expected_runtime(process, **values), rel=1e-5)  # Storm's own precision is 1e-6


def test_fixed_targets_of_rls_are_partial_harmonic_sums():
    n = 30
    found = fixed_target(RLS().on(OneMax()), list(range(n + 1)), n=n, start="zeros")
    assert found == pytest.approx([n * sum(1 / k for k in range(n - a + 1, n + 1)) for a in range(n + 1)], rel=1e-12)


def test_fixed_targets_of_leadingones_are_half_the_sum_of_the_waiting_times():
    n, p = 40, 1.5 / 40
    targets = [0, 1, 17, 40]
    expected = [sum(0.5 / (p * (1 - p) ** i) for i in range(a)) for a in targets]
    assert fixed_target(EA.on(LeadingOnes()), targets, n=n, c=1.5) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("problem", [OneMax(), Jump(2), BinVal(), Needle()], ids=str)
def test_the_last_target_is_the_optimum_and_lower_ones_match_the_oracle(problem):
    n, c = 5, Fraction(3, 2)
    process = EA.on(problem)
    best = float(problem.value([1] * n))
    assert fixed_target(process, best, n=n, c=c) == pytest.approx(exact.expected_runtime(process, n=n, c=c), rel=1e-11)
    levels = sorted({float(problem.value(x)) for x in oracle.points(n)})
    times = fixed_target(process, levels, n=n, c=c)
    assert (np.diff(times) >= -1e-12).all() and times[0] == 0
    matrix = exact.full_transition_matrix(process, n=n, c=c)
    middle = levels[len(levels) // 2]
    keep = [i for i, x in enumerate(oracle.points(n)) if float(problem.value(x)) < middle]
    solution = np.linalg.solve(np.eye(len(keep)) - matrix[np.ix_(keep, keep)], np.ones(len(keep)))
    assert fixed_target(process, middle, n=n, c=c) == pytest.approx(solution.sum() / 2**n, rel=1e-9)


def test_fixed_budgets_of_rls_have_the_closed_form():
    n, budgets = 50, [0, 1, 7, 100, 1000, 200_000]
    found = fixed_budget(RLS().on(OneMax()), budgets, n=n)
    assert found == pytest.approx([n - n / 2 * (1 - 1 / n) ** b for b in budgets], rel=1e-10)


def test_the_fixed_budget_law_is_the_runtime_distribution():
    for process, values in (
        (EA.on(OneMax()), {"n": 12, "c": 1}),
        (EA.on(LeadingOnes()), {"n": 9, "c": 2}),
        (EA.on(BinVal()), {"n": 4, "c": 1}),
    ):
        law = exact.runtime_distribution(process, **values)
        budgets = [0, 1, 5, 40]
        assert fixed_budget(process, budgets, of="optimal", **values) == pytest.approx(law.cdf[budgets], abs=1e-9)


def test_budgets_by_squaring_and_step_by_step_agree():
    from theory.exact.targets import _advance

    matrix = exact.transition_matrix_by_zeros(EA.on(OneMax()), n=6, c=1)
    law = np.full(7, 1 / 7)
    slow = law
    for _ in range(500):
        slow = slow @ matrix
    assert 500 > 7 * (500).bit_length() and _advance(law, matrix, 500) == pytest.approx(slow, abs=1e-13)


def test_a_rate_in_t_is_followed_step_by_step():
    """P(T <= b) on n = 1: the zero-bit survives t = 1, ..., b with probability prod (1 - p_t)."""
    process = OnePlusOneEA("1/(t+1)").on(OneMax())
    survive = math.prod(1 - 1 / (step + 1) for step in range(1, 8))
    assert fixed_budget(process, 7, of="optimal", n=1) == pytest.approx(1 - survive / 2, rel=1e-13)
    assert fixed_budget(process, 7, of="k", n=1) == pytest.approx(survive / 2, rel=1e-13)


def test_optimal_rates_of_leadingones_are_those_of_the_closed_form():
    for n, best, value in ((10, 1.47800079, 77.0431577), (100, 1.58104922, 7720.52986)):
        found = optimal_rate(EA.on(LeadingOnes()), n=n)
        assert found.c == pytest.approx(best, abs=1e-6) and found.expected == pytest.approx(value, rel=1e-8)
        assert found.bracket is not None and found.bracket[0] < best < found.bracket[1]


def test_the_best_rate_on_onemax_beats_its_neighbours_and_one():
    process = EA.on(OneMax())
    best = optimal_rate(process, n=50)
    for c in (best.c * 0.99, best.c * 1.01, 1.0):
        assert exact.expected_runtime(process, n=50, c=c) > best.expected
    assert best.bracket is not None and best.bracket[1] - best.bracket[0] < 1e-2


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_best_rates_on_onemax_match_a_fine_grid_over_all_states(n):
    found = optimal_rates(EA.on(OneMax()), n=n)
    grid = np.linspace(0.001, 1, 1000)
    expected = [0.0]
    for k in range(1, n + 1):
        best = math.inf
        for p in grid:
            total = gain = 0.0
            for a in range(k + 1):
                for b in range(min(a, n - k + 1)):
                    chance = math.comb(k, a) * math.comb(n - k, b) * p ** (a + b) * (1 - p) ** (n - a - b)
                    total, gain = total + chance, gain + chance * expected[k - a + b]
            best = min(best, (1 + gain) / total if total else math.inf)
        expected.append(best)
    assert found.expected_by_state == pytest.approx(expected, rel=1e-5)
    assert (found.expected_by_state <= np.array(expected) + 1e-12).all()


def test_best_rates_are_better_than_the_best_single_rate():
    single = optimal_rate(EA.on(OneMax()), n=60)
    assert optimal_rates(EA.on(OneMax()), n=60).expected < single.expected
    levels = optimal_rates(EA.on(LeadingOnes()), n=10)
    assert levels.expected == pytest.approx(67.64781173, rel=1e-9)
    same = exact.expected_runtime(OnePlusOneEA("1/(v+1)").on(LeadingOnes()), n=10)
    assert levels.expected == pytest.approx(same, rel=1e-12)
    first = [2.0 ** -(v + 1) for v in range(10)]  # law of the level of a uniform start
    assert sum(w * e for w, e in zip(first, levels.expected_by_state)) == pytest.approx(same, rel=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: fixed_target(EA.on(OneMax()), 11, n=10, c=1),
        lambda: fixed_target(EA.on(OneMax()), "a", n=10, c=1),
        lambda: fixed_target(EA.on(OneMax()), 5, n=3000, c=1),
        lambda: fixed_target(EA.on(OneMax()), 5, n=10, c=1, start="worst"),
        lambda: fixed_target(OnePlusOneEA("1/(t+1)").on(OneMax()), 5, n=10),
        lambda: fixed_budget(EA.on(OneMax()), -1, n=10, c=1),
        lambda: fixed_budget(EA.on(OneMax()), 1.5, n=10, c=1),
        lambda: fixed_budget(EA.on(OneMax()), 5, of="t", n=10, c=1),
        lambda: fixed_budget(EA.on(OneMax()), 5, of="3", n=10, c=1),
        lambda: fixed_budget(EA.on(LeadingOnes()), 5, of="k**2", n=20, c=1),
        lambda: fixed_budget(OnePlusOneEA("1/n").on(OneMax()), 5, of="c*k", n=10),
        lambda: optimal_rate(EA.on(OneMax()), n=10, c=1),
        lambda: optimal_rate(OnePlusOneEA("1/n").on(OneMax()), n=10),
        lambda: optimal_rate(EA.on(OneMax()), n=10, start="worst"),
        lambda: optimal_rates(EA.on(BinVal()), n=5),
        lambda: optimal_rates(EA.on(OneMax()), n=5000),
        lambda: optimal_rates(RLS().on(OneMax()), n=5),
        lambda: to_prism(EA.on(BinVal()), n=9, c=1),
        lambda: to_prism(EA.on(OneMax()), n=3, c=1, start="worst"),
        lambda: to_prism(OnePlusOneEA("exp(-v)").on(OneMax()), n=3),
    ],
)
def test_wrong_input_is_refused_in_one_line(call):
    with pytest.raises((InputError, NoExactMethod)) as error:
        call()
    assert "\n" not in str(error.value)
