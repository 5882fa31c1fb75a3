"""Engines where each position has its own rate, against the enumeration of all flips, closed forms and theory.exact.

Error rate: there are fewer than 100 p-values, each held against 1e-3 / 100, so that the file fails by chance with probability
below 1e-3 (the seeds are fixed: always or never); means lie within 4.5 standard errors. Power: a mistake planted into a kernel
must push the same p-value below 1e-9, where without it the p-value is above 1e-5.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from laws import has_law

from sim import Observe, engines, engines_for, simulate
from sim.families import choice
from sim.kernels.hazard_tree import hazards_of, next_flip, plant_tree, set_hazard
from theory import InitialSegment, InputError, OnePlusOneEA
from theory.bounds.initial_segment_onemax import position_rates, time_to_settle
from theory.exact import expected_runtime
from theory.problems.initial_segment import iterated_log_rate

LEVEL = 1e-3 / 100
RUNS = 20_000
TIMES = (1, 4, 12)
FITNESS = Observe(at=TIMES, potentials={"f": "v"})
MEASURED = Observe(at=TIMES, potentials={"f": "v"}, drift={"f": "v"})
KERNELS = Path(engines.__file__).parent / "kernels"
BASES = {"onemax": sum, "leading-ones": lambda x: [*x, 0].index(0)}

# (rate, n, start, the rates p_1 .. p_n)
CASES = {
    "falling": ("1/(i+1)", 4, "uniform", [1 / 2, 1 / 3, 1 / 4, 1 / 5]),
    "rising": ("i/8", 4, "uniform", [1 / 8, 2 / 8, 3 / 8, 4 / 8]),
    "the first bit always flips": ("1/i", 3, [0, 1, 0], [1, 1 / 2, 1 / 3]),
    "a rare bit": ("Piecewise((1/2, i < 3), (1/50, True))", 3, "zeros", [1 / 2, 1 / 2, 1 / 50]),
}


def process_of(rate, base, strict=False):
    return OnePlusOneEA(rate, strict).on(InitialSegment(base))


@cache
def oracle(name, base, strict=False):
    """P(T = 0), P(T = 1), ... and the laws of f at TIMES, by all points and all sets of flips."""
    _, n, start, rates = CASES[name]
    f = BASES[base]
    points = list(itertools.product((0, 1), repeat=n))
    matrix = np.zeros((2**n, 2**n))
    for a, x in enumerate(points[:-1]):
        for flips in points:
            chance = math.prod(p if flip else 1 - p for p, flip in zip(rates, flips))
            y = tuple(u ^ v for u, v in zip(x, flips))
            matrix[a, points.index(y) if f(y) > f(x) or (f(y) == f(x) and not strict) else a] += chance
    matrix[-1, -1] = 1
    now = np.full(2**n, 0.5**n) if start == "uniform" else np.eye(2**n)[0 if start == "zeros" else points.index(tuple(start))]
    pmf, states = [now[-1]], []
    for t in itertools.count(1):
        before, now = now[-1], now @ matrix
        pmf.append(now[-1] - before)
        if t in TIMES:
            states.append(np.bincount([f(x) for x in points], weights=now, minlength=n + 1))
        if now[-1] > 1 - 1e-4 / RUNS:
            return np.array(pmf), states


def p_values(name, base, engine, seed=1, strict=False, budget=10**7, observe=None):
    rate, n, start, _ = CASES[name]
    how = {"n": n, "start": start, "budget": budget, "observe": observe or (MEASURED if base == "onemax" else FITNESS)}
    runs = simulate(process_of(rate, base, strict), engine=engine, replicates=RUNS, seed=seed, **how)
    pmf, states = oracle(name, base, strict)
    f = runs.observed["potentials"]["f"].astype(int)
    return [has_law(runs.evaluations, pmf), *(has_law(f[:, j], law) for j, law in enumerate(states))]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", CASES)
def test_runtimes_and_states_on_the_way_obey_the_enumerated_law(name, base):
    if name == "the first bit always flips" and base == "leading-ones":
        pytest.skip("the optimum is never found")
    rate, n, start, _ = CASES[name]
    able = {e for e, reason in engines_for(process_of(rate, base), start, {"n": n}, {"drift": "v"}).items() if reason is None}
    third = {"event"} if base == "onemax" else {"lumped"} if start == "uniform" else set()
    assert able == {"sparse", "reference"} | third
    found = {engine: min(p_values(name, base, engine)) for engine in able}
    assert {engine: p for engine, p in found.items() if p < LEVEL} == {}


def test_ties_count_where_they_are_refused():
    for engine in ("event", "reference"):
        assert min(p_values("falling", "onemax", engine, strict=True)) > LEVEL
    plain, strict = oracle("falling", "onemax")[0], oracle("falling", "onemax", True)[0]
    assert np.arange(len(strict)) @ strict > 1.05 * (np.arange(len(plain)) @ plain)  # a tie moves the bit that is missing


MISTAKES = {
    "positions are off by one": (
        "falling", "leading-ones", "reference", "reference", "settings[i] if POSITION_RATES", "settings[i - 1] if POSITION_RATES",
    ),
    "the tree of the zero-bits stays as it was at the start": (
        "falling", "onemax", "event", "event_positions", "hazards[flips[j]] if j >= ups else 0.0)",
        "zeros[zeros.size // 2 + flips[j]])",
    ),
    "the first step of a round may pass all positions": (
        "falling", "onemax", "sparse", "sparse_positions", "step_within(s, tree[1])", "exponential(s)",
    ),
    "the walk goes on one position too far": (
        "rising", "onemax", "sparse", "sparse_positions", "next_flip(tree, place + 1,", "next_flip(tree, place + 2,",
    ),
    "the bits of the prefix may flip": (
        "rising", "leading-ones", "lumped", "lumped_prefix", "settings[v] * math.exp(-passed[v])", "settings[v]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_caught(mistake, tmp_path, monkeypatch):
    name, base, engine, template, right, wrong = MISTAKES[mistake]
    limit = len(oracle(name, base)[0])  # a mistaken run may never end; what is cut off counts as the longest runtimes
    assert min(p_values(name, base, engine, seed=3, budget=limit)) > 1e-5
    text = (KERNELS / f"{template}.py").read_text(encoding="utf-8")
    assert text.count(right) == 1, "the template has changed: plant the mistake anew"
    (tmp_path / f"{template}.py").write_text(text.replace(right, wrong), encoding="utf-8")
    monkeypatch.setattr(choice, "KERNELS", tmp_path)
    try:
        found = min(p_values(name, base, engine, seed=3, budget=limit, observe=FITNESS))  # a wrong k is no state to measure in
    except AssertionError as error:
        assert "an impossible value" in str(error)
    else:
        assert found < 1e-9


# ---- the tree


def walk(hazards, start, step):
    """The first interval in which a walk from the beginning of ``start`` ends, by adding up in fractions."""
    left = Fraction(step)
    for i in range(start, len(hazards)):
        if hazards[i] == math.inf or left < Fraction(hazards[i]):
            return i
        left -= Fraction(hazards[i])
    return None


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 13])
def test_the_tree_finds_the_interval_in_which_a_walk_ends(n):
    rng = np.random.default_rng(n)
    for _ in range(300):
        rates = rng.random(n) ** 8
        rates[rng.random(n) < 0.2] = 0.0
        if rng.random() < 0.3:
            rates[rng.integers(n)] = 1.0
        x = (rng.random(n) < 0.5).astype(np.uint8)
        hazards = hazards_of(rates)
        tree = plant_tree(hazards, x, 0)
        i = int(rng.integers(n))
        x[i] ^= 1
        set_hazard(tree, i, 0.0 if x[i] else hazards[i])
        assert tree.tolist() == plant_tree(hazards, x, 0).tolist()
        held = [0.0 if bit else h for bit, h in zip(x, hazards)]
        start, step = int(rng.integers(n + 1)), float(rng.exponential())
        right, found = walk(held, start, step), next_flip(tree, start, step)
        assert found == right if right is not None else found >= n


def test_a_rare_position_keeps_its_rate_beside_frequent_ones():
    """Prefix sums would give it a hazard that is a multiple of 2^-50."""
    hazards = np.array([*[0.7] * 40, 1e-15, *[0.7] * 40])
    tree = plant_tree(hazards, np.zeros(81, np.uint8), 2)
    assert next_flip(tree, 40, 0.9e-15) == 40 and next_flip(tree, 40, 1.1e-15) == 41
    assert (np.cumsum(hazards)[40] - np.cumsum(hazards)[39]) != pytest.approx(1e-15, rel=0.01, abs=0)


# ---- closed forms


def standard_error(runs):
    return runs.evaluations.std() / math.sqrt(len(runs.evaluations))


@pytest.mark.parametrize("rate", ["1/(i+1)", iterated_log_rate(1, 1)], ids=str)
def test_leadingones_takes_half_the_sum_of_the_waiting_times(rate):
    """E[T] = (q_1^-1 + ... + q_n^-1) / 2, q_i = p_i (1 - p_1) .. (1 - p_(i-1)); n(n+1)(n+2)/6 for 1/(i+1)."""
    n = 24
    process = process_of(rate, "leading-ones")
    p = position_rates(process.rate, {"n": n})
    q = p * np.concatenate([[1], np.cumprod(1 - p[:-1])])
    expected = float(np.sum(1 / q)) / 2
    assert expected_runtime(process, n=n) == pytest.approx(expected, rel=1e-12)
    if rate == "1/(i+1)":
        assert expected == pytest.approx(n * (n + 1) * (n + 2) / 6)
    for engine in ("lumped", "sparse"):
        runs = simulate(process, n=n, replicates=2000, seed=5, engine=engine, budget=10**8, observe=FITNESS)
        assert abs(runs.evaluations.mean() - expected) < 4.5 * standard_error(runs)


def test_onemax_takes_what_the_hand_off_formula_says_and_not_what_single_flips_would():
    """The heuristic bound within 6 %, the coupon collector with single flips off by a factor above 1.3."""
    process = process_of("c/(i*log(i+E-1)**2)", "onemax")
    (bound,) = process.bounds("heuristic")
    for n in (64, 256):
        runs = simulate(process, n=n, c="1/2", replicates=1500, seed=6, engine="event", budget=10**8, observe=FITNESS)
        predicted, error = bound.evaluate(n=n, c="1/2"), standard_error(runs)
        assert abs(predicted - runs.evaluations.mean()) < 4 * error + 0.06 * runs.evaluations.mean()
        p = position_rates(process.rate, {"n": n, "c": Fraction(1, 2)})
        naive = time_to_settle(-np.log1p(-p / (1 - p) * np.prod(1 - p)))
        assert naive > 1.3 * (runs.evaluations.mean() + 4 * error)


# ---- observation and input


def test_drift_and_targets_are_recorded():
    process, n = process_of("1/(i+1)", "onemax"), 5
    matrix = process.transition(n=n)
    zeros = np.array([n - i.bit_count() for i in range(2**n)])
    for engine in ("event", "sparse"):
        watch = dataclasses.replace(MEASURED, targets=(3, 5))
        runs = simulate(process, n=n, replicates=RUNS, seed=7, engine=engine, budget=1, observe=watch)
        rounds, moved = runs.observed["rounds"].sum(axis=0), -runs.observed["moved"]["f"].sum(axis=0)  # f is n - k
        for z in range(1, n + 1):
            falls = [matrix[x] @ (z - zeros) ** power for power in (1, 2) for x in range(2**n) if zeros[x] == z]
            exact, square = np.mean(falls[: len(falls) // 2]), np.mean(falls[len(falls) // 2 :])
            assert abs(moved[z] / rounds[z] - exact) < 4.5 * math.sqrt((square - exact**2) / rounds[z]) < 0.4 * exact
        assert (runs.observed["hits"][:, 0] == 0).mean() == pytest.approx(0.5, abs=0.02)
        assert (runs.observed["hits"][:, 1] >= 0).mean() == pytest.approx(runs.hit.mean())


def test_what_cannot_be_is_refused_in_one_line():
    process, leading = (process_of("1/(i+1)", base) for base in BASES)
    how = {"n": 3, "replicates": 2, "seed": 1}
    for call, message in (
        (lambda: simulate(process, **how, engine="lumped"), "the number of zero-bits doesn't tell all"),
        (lambda: simulate(leading, **how, engine="event"), "not strictly monotone"),
        (lambda: simulate(process_of("2/i", "onemax"), **how), "must lie in \\[0, 1\\]"),
        (lambda: simulate(process, **how, observe={"at": [1], "potentials": {"p": "p"}}), "a rate of its own"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            call()


def test_bits_that_never_flip_end_a_run_with_its_budget():
    process = process_of("Max(0, 2 - i)/2", "onemax")  # 1/2, 0, 0
    for engine in ("event", "sparse", "reference"):
        runs = simulate(process, n=3, replicates=800, seed=8, budget=1000, engine=engine, observe=FITNESS)
        assert runs.hit.mean() == pytest.approx(0.25, abs=0.08) and (runs.evaluations[~runs.hit] == 1000).all()
