"""Engines under acceptance at random, and Metropolis, against the chain over all points, written from the definitions alone.

Error rate: there are fewer than 250 p-values, each held against 1e-3 / 250, so that the file fails by chance with probability
below 1e-3 (the seeds are fixed: always or never). Power: a mistake planted into a kernel or a rule must push the same p-value
below 1e-9, where without it the p-value is above 1e-5.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from flint import arb
from laws import has_law
from scipy.integrate import dblquad, quad

from sim import Observe, engines, engines_for, simulate
from sim.families import choice
from theory import (
    RLS,
    BinVal,
    DynamicBinVal,
    DynamicLinear,
    InputError,
    Jump,
    Linear,
    Metropolis,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
)
from theory.compile import function_source, specialise
from theory.exact import NoExactMethod, expected_runtime, expected_runtime_interval
from theory.registry import problem as named

LEVEL = 1e-3 / 250
RUNS = 20_000
TIMES = (1, 4, 12)
ZEROS = Observe(at=TIMES)
KERNELS = Path(engines.__file__).parent / "kernels"

# ---- the oracle: acceptance from the definitions, all points, all sets of flips


def by_all_orders(x, y):
    """Dynamic BinVal: in each order of the bits the first difference decides."""
    orders = list(itertools.permutations(range(len(x))))
    return sum(next(y[i] for i in order if x[i] != y[i]) for order in orders) / len(orders)


def by_order_and_coin(pessimism):
    def accept(x, y):
        if all(b >= a for a, b in zip(x, y)):
            return 1.0
        if all(b <= a for a, b in zip(x, y)):
            return 0.0
        return pessimism * (sum(y) <= sum(x)) + (1 - pessimism) * (sum(y) >= sum(x))

    return accept


@cache
def heavier(law, a, b):
    """P(a weights are worth at least as much as b others), where one of a, b is 1 or a = b; none of theory's formulas."""
    if a == 0 or b == 0:
        return float(b == 0)
    if a == b:
        return 0.5
    if a < b:
        return 1 - heavier(law, b, a)
    assert b == 1
    if law == "uniform":
        return 1 - 1 / math.factorial(a + 1)  # the simplex u_1 + ... + u_a < u is 1/(a+1)! of the cube
    if law == "exponential":
        return 1 - 0.5**a  # without memory: the one must outlive each of the others in turn
    assert a == 2
    beta = float(law)  # Pareto; w = z^(-1/beta): P(w_1 + w_2 < w_3) = E[(w_1 + w_2)^(-beta)]
    return 1 - dblquad(lambda u, z: (u ** (-1 / beta) + z ** (-1 / beta)) ** -beta, 0, 1, 0, 1)[0]


def by_fresh_weights(law):
    def accept(x, y):
        ups = sum(b > a for a, b in zip(x, y))
        return heavier(law, ups, sum(b != a for a, b in zip(x, y)) - ups)

    return accept


def by_loss(f, alpha):
    return lambda x, y: 1.0 if f(y) >= f(x) else float(alpha) ** -float(f(x) - f(y))


def law_of(n, mutation, accept, runs=RUNS):
    """P(T = 0), P(T = 1), ... from a uniform start, laws of k at TIMES; mutation(h, k, t): P(these h bits are what flips)."""
    points = list(itertools.product((0, 1), repeat=n))
    zeros = np.array([n - sum(x) for x in points])
    accepted = np.array([[accept(x, y) if x != y else 0.0 for y in points] for x in points])
    distance = np.array([[sum(a != b for a, b in zip(x, y)) for y in points] for x in points])
    matrix, now = np.zeros_like(accepted), np.full(2**n, 0.5**n)
    pmf, states = [now[-1]], []
    for t in itertools.count(1):
        if t == 1 or mutation(1, 1, 2) != mutation(1, 1, 3):
            matrix = accepted * np.array([[mutation(h, z, t) for h in row] for row, z in zip(distance, zeros)])
            matrix[-1] = 0.0
            matrix += np.diag(1 - matrix.sum(axis=1))
        before, now = now[-1], now @ matrix
        pmf.append(now[-1] - before)
        if t in TIMES:
            states.append(np.bincount(zeros, weights=now, minlength=n + 1))
        if now[-1] > 1 - 1e-4 / runs:
            return np.array(pmf), states


def standard(n, rate):
    """Standard bit mutation with rate(k, t)."""
    return lambda h, k, t: rate(k, t) ** h * (1 - rate(k, t)) ** (n - h)


def exactly(n, flips):
    return lambda h, k, t: float(h == flips) / math.comb(n, flips)


EA = OnePlusOneEA("c/n")
WEIGHTS = [Fraction(1, 2), Fraction(1), Fraction(3, 2)]
CASES = {
    "PO-EA": (EA.on(PartiallyOrderedEA()), {"n": 4, "c": 1}, standard(4, lambda k, t: 1 / 4), by_order_and_coin(1)),
    "PO-EA, pessimism 1/3": (
        EA.on(PartiallyOrderedEA("1/3")), {"n": 4, "c": 2}, standard(4, lambda k, t: 1 / 2), by_order_and_coin(1 / 3),
    ),
    "Dynamic BinVal, rate in k": (
        OnePlusOneEA("1/(k+1)").on(DynamicBinVal()), {"n": 4}, standard(4, lambda k, t: 1 / (k + 1)), by_all_orders,
    ),
    "RLS(3) with exponential weights": (
        RLS(3).on(DynamicLinear("exponential")), {"n": 4}, exactly(4, 3), by_fresh_weights("exponential"),
    ),
    "uniform weights": (EA.on(DynamicLinear()), {"n": 4, "c": 1.5}, standard(4, lambda k, t: 3 / 8), by_fresh_weights("uniform")),
    "Pareto weights, rate in t": (
        OnePlusOneEA("1/4 + 1/(t+3)").on(DynamicLinear("pareto", beta="3/2")), {"n": 3},
        standard(3, lambda k, t: 1 / 4 + 1 / (t + 3)), by_fresh_weights("1.5"),
    ),
    "Metropolis on OneMax": (Metropolis("c").on(OneMax()), {"n": 4, "c": 2.5}, exactly(4, 1), by_loss(sum, 2.5)),
    "Metropolis on Jump": (
        Metropolis("c").on(Jump(2)), {"n": 4, "c": 1.5}, exactly(4, 1),
        by_loss(lambda x: 2 + sum(x) if sum(x) in (0, 1, 2, 4) else 4 - sum(x), 1.5),
    ),
    "Metropolis on Linear": (
        Metropolis(3).on(Linear(WEIGHTS)), {"n": 3}, exactly(3, 1), by_loss(lambda x: sum(w * b for w, b in zip(WEIGHTS, x)), 3),
    ),
}  # fmt: skip
ALL, COUNTED = ("lumped", "event", "sparse", "reference"), ("lumped", "sparse", "reference")
ABLE = {
    "Pareto weights, rate in t": ("sparse", "reference"), "Metropolis on OneMax": COUNTED, "Metropolis on Jump": COUNTED,
    "Metropolis on Linear": ("sparse", "reference"),
}  # fmt: skip
TESTED = {  # a kernel costs seconds to compile; what is left out differs from what is tested in one hook
    "Dynamic BinVal, rate in k": ("event", "reference"), "RLS(3) with exponential weights": ("lumped", "event"),
    "uniform weights": ("lumped", "reference"), "Pareto weights, rate in t": ("sparse",), "Metropolis on Jump": ("lumped",),
}  # fmt: skip


@cache
def oracle(name):
    _, values, mutation, accept = CASES[name]
    return law_of(values["n"], mutation, accept)


def p_values(name, engine, seed=1, budget=10**7):
    process, values, _, _ = CASES[name]
    runs = simulate(process, engine=engine, replicates=RUNS, seed=seed, budget=budget, observe=ZEROS, **values)
    pmf, states = oracle(name)
    k = runs.observed["potentials"]["k"].astype(int)
    return [has_law(runs.evaluations, pmf), *(has_law(k[:, j], law) for j, law in enumerate(states))]


@pytest.mark.parametrize("name", CASES)
def test_runtimes_and_states_on_the_way_obey_the_enumerated_law(name):
    process, values, _, _ = CASES[name]
    able = tuple(engine for engine, reason in engines_for(process, "uniform", values, ZEROS).items() if reason is None)
    assert able == ABLE.get(name, ALL)
    found = {engine: min(p_values(name, engine)) for engine in TESTED.get(name, able)}
    assert {engine: p for engine, p in found.items() if p < LEVEL} == {}


@pytest.mark.parametrize("name", CASES)
def test_the_enumerated_expectation_is_that_of_theory(name):
    process, values, _, _ = CASES[name]
    pmf, _ = oracle(name)
    mean = float(np.arange(len(pmf)) @ pmf)
    try:
        assert expected_runtime(process, **values) == pytest.approx(mean, rel=1e-4)
    except NoExactMethod:
        assert name in ("Pareto weights, rate in t", "Metropolis on Jump", "Metropolis on Linear")


# ---- planted mistakes


def plant_in_kernel(engine, right, wrong, folder, monkeypatch):
    text = (KERNELS / f"{engine}.py").read_text(encoding="utf-8")
    assert text.count(right) == 1, "the template has changed: plant the mistake anew"
    (folder / f"{engine}.py").write_text(text.replace(right, wrong), encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", folder)


def caught(name, engine, limit):
    try:
        return min(p_values(name, engine, seed=5, budget=limit)) < 1e-9
    except AssertionError as error:
        return "an impossible value" in str(error)


KERNEL_MISTAKES = {
    "the order is drawn once and kept": (
        "Dynamic BinVal, rate in k", "reference", "reference", "noise = fill(s, noise, n)",
        "noise = fill(s, noise, n) if t == 1 else noise",
    ),
    "the variates of the last round are used again": (
        "PO-EA, pessimism 1/3", "sparse", "sparse", "noise = fill(s, noise, m)",
        "noise = fill(s, noise, m) if t % 2 == 1 else noise",
    ),
    "ups and downs change places": (
        "uniform weights", "lumped", "lumped_acceptance", "accepts(noise, ups, downs, 0,", "accepts(noise, downs, ups, 0,",
    ),
    "the waiting time forgets that worse offspring are refused": (
        "Metropolis on OneMax", "lumped", "lumped_walk", "wait = failures(s, -math.log1p(-min(fall + rise, 1.0)))",
        "wait = failures(s, -math.log1p(-fall))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", KERNEL_MISTAKES)
def test_a_mistake_planted_into_a_kernel_is_caught(mistake, tmp_path, monkeypatch):
    name, engine, template, right, wrong = KERNEL_MISTAKES[mistake]
    limit = len(oracle(name)[0])  # a mistaken run may never end; what is cut off counts as the longest runtimes
    assert min(p_values(name, engine, seed=5, budget=limit)) > 1e-5
    plant_in_kernel(template, right, wrong, tmp_path, monkeypatch)
    assert caught(name, engine, limit)


RULE_MISTAKES = {
    "the loss is in the kernel's units": ("Metropolis on Linear", "survival", "-loss / SCALE", "-loss"),
}


@pytest.mark.parametrize("mistake", RULE_MISTAKES)
def test_a_mistake_planted_into_a_rule_is_caught(mistake, monkeypatch):
    name, hook, right, wrong = RULE_MISTAKES[mistake]
    process = CASES[name][0]
    owner = process.algorithm if hook in process.algorithm.hooks else process.problem
    text = function_source(owner.hooks[hook])
    assert text.count(right) == 1
    monkeypatch.setattr(type(owner), "hooks", {**owner.hooks, hook: text.replace(right, wrong)})
    assert caught(name, "sparse", len(oracle(name)[0]))


PROBE = """from theory.hooks import accepts, accepts_pair
from theory.jit import kernel
@kernel
def probe(noise, ups, downs, y, x, settings, data):
    return accepts(noise, ups, downs, 0, 0.0, settings, data), accepts_pair(noise, y, x, settings, data)
"""


def wrong_shares(rule, accept, hooks, folder):
    """Pairs of points for which a share of all variates is accepted that isn't the probability of the definition."""
    (folder / "probe.py").write_text(PROBE)
    module, n, wrong = specialise(folder / "probe.py", {}, hooks), 3, 0
    noises = [np.array(order) for order in itertools.permutations((i + 0.5) / 36 for i in (1, 13, 31))]
    noises = [np.roll(np.append(order, (i + 0.5) / 36), 1) for order in noises for i in range(36)]  # the coin, then an order
    for x, y in itertools.product(itertools.product((0, 1), repeat=n), repeat=2):
        a, b = np.array(x, np.uint8), np.array(y, np.uint8)
        ups, downs = int((b > a).sum()), int((b < a).sum())
        if ups + downs:
            coin = [module.probe(u, ups, downs, b, a, np.zeros(0), rule.data(n))[0] for u in noises]
            by_order = isinstance(rule, DynamicBinVal)
            pair = [module.probe(u[1:] if by_order else u, ups, downs, b, a, np.zeros(0), rule.data(n))[1] for u in noises]
            wrong += np.mean(coin) != pytest.approx(accept(x, y)) or np.mean(pair) != pytest.approx(accept(x, y))
    return wrong


def test_rules_accept_the_share_of_variates_that_the_definition_says(tmp_path):
    """Also where k sees no difference: offspring with as many ups as downs."""
    for rule, accept in (
        (PartiallyOrderedEA(), by_order_and_coin(1)),
        (PartiallyOrderedEA("1/3"), by_order_and_coin(1 / 3)),
        (DynamicBinVal(), by_all_orders),
    ):
        assert wrong_shares(rule, accept, rule.hooks, tmp_path) == 0
    for hook, right, wrong in (
        ("accepts", "downs >= ups if", "downs > ups if"),
        ("accepts", "noise[0] * 2.0**62 <= data", "noise[0] * 2.0**62 > data"),
        ("accepts_pair", "more <= 0", "more < 0"),
    ):
        text = function_source(PartiallyOrderedEA.hooks[hook])
        assert text.count(right) == 1
        planted = {**PartiallyOrderedEA.hooks, hook: text.replace(right, wrong)}
        assert wrong_shares(PartiallyOrderedEA(), by_order_and_coin(1), planted, tmp_path) > 0


# ---- larger n, closed forms


def within(runs, expected, sigmas=4.5):
    error = runs.evaluations.std() / math.sqrt(len(runs.evaluations))
    return abs(runs.evaluations.mean() - expected) < sigmas * error


@pytest.mark.parametrize("problem", [PartiallyOrderedEA(), DynamicBinVal(), DynamicLinear()], ids=str)
def test_counters_have_the_exact_mean_at_a_hundred_bits(problem):
    process = EA.on(problem)
    observe = {"drift": "k"} if isinstance(problem, DynamicBinVal) else ZEROS  # kernels that other tests need too
    expected, how = expected_runtime(process, n=100, c=1), {"replicates": 4000, "seed": 2, "observe": observe, "budget": 10**6}
    assert within(simulate(process, n=100, c=1, **how), expected)
    assert not within(simulate(process, n=100, c="0.5", **how), expected)


def test_metropolis_has_the_exact_mean_at_sixty_bits():
    process = Metropolis("c*n").on(OneMax())
    expected = expected_runtime(process, n=60, c=1)
    for engine in ("lumped", "sparse"):
        assert within(simulate(process, n=60, c=1, replicates=4000, seed=3, engine=engine, observe=ZEROS), expected)
    assert not within(simulate(process, n=60, c="1.2", replicates=4000, seed=3, observe=ZEROS), expected)


def test_with_alpha_beyond_all_losses_metropolis_is_local_search():
    for engine in COUNTED:
        runs = simulate(Metropolis(10**30).on(OneMax()), n=30, engine=engine, replicates=3000, seed=4, observe=ZEROS)
        assert within(runs, expected_runtime(RLS().on(OneMax()), n=30))


# ---- dynamic linear functions: exact acceptance


def test_probabilities_of_acceptance_are_the_volumes():
    for law in ("uniform", "exponential"):
        rule = DynamicLinear(law)
        for a, b in ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3), (5, 1), (4, 4), (0, 2), (2, 0), (0, 0)):
            assert float(rule.acceptance(a, b)) == pytest.approx(heavier(law, a, b), abs=1e-14)
        assert all(rule.acceptance(a, b) + rule.acceptance(b, a) == 1 for a in range(1, 9) for b in range(1, 9))
    # P(gamma(2) >= gamma(3)) and P(U1 + U2 >= U3 + U4 + U5) by integration
    gamma = quad(lambda w: w * math.exp(-w) * (1 - math.exp(-w) * (1 + w + w * w / 2)), 0, np.inf)[0]
    assert float(DynamicLinear("exponential").acceptance(2, 3)) == pytest.approx(gamma, rel=1e-9)
    two = lambda w: w if w < 1 else 2 - w  # noqa: E731
    three = lambda w: w**3 / 6 if w < 1 else (w**3 - 3 * (w - 1) ** 3) / 6  # noqa: E731
    uniform = sum(quad(lambda w: two(w) * three(w), *ends)[0] for ends in ((0, 1), (1, 2)))
    assert float(DynamicLinear().acceptance(2, 3)) == pytest.approx(uniform, rel=1e-9)


@pytest.mark.parametrize("law", ["uniform", "exponential"])
def test_expected_runtimes_under_fresh_weights_solve_the_equations_of_all_points(law):
    n, p = 4, 1 / 4
    points = list(itertools.product((0, 1), repeat=n))
    accept, step = by_fresh_weights(law), np.zeros((15, 16))
    for a, x in enumerate(points[:-1]):
        for b, y in enumerate(points):
            flips = sum(u != v for u, v in zip(x, y))
            step[a, b] = p**flips * (1 - p) ** (n - flips) * (accept(x, y) if flips else 0)
    times = np.linalg.solve(np.diag(step.sum(axis=1)) - step[:, :15], np.ones(15))
    process = EA.on(DynamicLinear(law))
    found = expected_runtime(process, n=n, c=1, rational=True)
    assert float(found) == pytest.approx(times.sum() / 16, rel=1e-12)
    assert expected_runtime(process, n=n, c=1, start="zeros") == pytest.approx(times[0], rel=1e-12)
    ball = expected_runtime_interval(process, n=n, c=1)
    assert ball.overlaps(arb(found.numerator) / found.denominator) and ball.rad() < 1e-12


def test_pareto_weights_approach_dynamic_binval():
    """The smaller beta, the more the largest weight decides alone."""
    process, limit = EA.on(DynamicLinear("pareto", beta="1/50")), EA.on(DynamicBinVal())
    runs = simulate(process, n=20, c=1, replicates=4000, seed=8, budget=10**6, observe=ZEROS)
    assert within(runs, expected_runtime(limit, n=20, c=1), 5)
    runs = simulate(EA.on(DynamicLinear("pareto", beta=3)), n=20, c=1, replicates=4000, seed=8, budget=10**6, observe=ZEROS)
    assert not within(runs, expected_runtime(limit, n=20, c=1), 5)


# ---- input


def test_what_cannot_be_is_refused_in_one_line():
    po = EA.on(PartiallyOrderedEA())
    how = {"n": 5, "c": 1, "replicates": 2, "seed": 1}
    for call, message in (
        (lambda: simulate(po, **how, observe={"targets": [3]}), "v: a point has no fitness under PartiallyOrderedEA"),
        (lambda: simulate(po, **how, observe={"at": [1], "potentials": {"f": "v"}}), "v: a point has no fitness"),
        (lambda: simulate(OnePlusOneEA("1/(v+1)").on(DynamicBinVal()), n=5, replicates=2, seed=1), "v: a point has no fitness"),
        (lambda: simulate(OnePlusOneEA("c/n", strict=True).on(DynamicBinVal()), **how), "strict=True means nothing there"),
        (lambda: Metropolis(2).on(DynamicLinear()), "compares one offspring with its parent"),
        (
            lambda: simulate(Metropolis(2).on(OneMax()), n=5, replicates=2, seed=1, engine="event"),
            "accepts offspring that are worse",
        ),
        (lambda: simulate(Metropolis(2).on(BinVal()), n=60, replicates=2, seed=1, budget=10), "more than a float holds exactly"),
        (lambda: simulate(EA.on(DynamicLinear("pareto", beta=2)), **{**how, "n": 200}), "budget: no upper bound"),
        (lambda: expected_runtime(EA.on(DynamicLinear("pareto", beta=2)), n=3, c=1), "has no closed form"),
        (lambda: DynamicLinear("parreto"), "did you mean pareto"),
        (lambda: DynamicLinear("pareto"), "beta: Pareto's law needs its exponent"),
        (lambda: DynamicLinear("uniform", beta=2), "beta: the law uniform has no exponent"),
        (lambda: DynamicLinear("pareto", beta=-1), "beta: -1 must be a positive number"),
    ):
        with pytest.raises(InputError, match=message):
            call()
    assert named("dynamic-linear(law=pareto, beta=1.5)").key == "DynamicLinear(law=pareto, beta=3/2)"


def test_drift_is_measured_where_acceptance_is_random():
    process = EA.on(DynamicBinVal())
    runs = simulate(process, n=12, c=1, replicates=3000, seed=9, observe={"drift": "k"})
    rounds, moved = runs.observed["rounds"].sum(axis=0), runs.observed["moved"]["k"].sum(axis=0)
    exact = process.drift(n=12, c=1)
    for z in range(1, 9):
        assert rounds[z] > 1000 and abs(moved[z] / rounds[z] - exact[z]) < 5 * math.sqrt(1.5 / rounds[z])
