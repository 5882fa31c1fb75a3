"""Algorithms of the user's: known algorithms, written as a user would, have the laws that theory.exact and our engines give them.

Error rate: each p-value is held against 1e-3 / 50, and there are fewer than 50 of them: the file fails by chance with probability
below 1e-3 (the seeds are fixed, so it does so always or never). Planted mistakes fall below 1e-9.
"""

from __future__ import annotations

import itertools
import types
from pathlib import Path

import numba
import numpy as np
import pytest
from laws import has_law, same_law
from test_engines_planted_bugs import plant

from sim import Runs, engines, engines_for, simulate
from theory import (
    RLS,
    BinVal,
    CompactGA,
    Custom,
    CustomAlgorithm,
    HiddenSubset,
    InputError,
    LeadingOnes,
    Linear,
    OneMax,
    OnePlusOneEA,
    PartiallyOrderedEA,
)
from theory.exact import NoExactMethod, expected_runtime, runtime_distribution

LEVEL = 1e-3 / 50
RUNS = 10_000
BUDGET = 10**5


def nothing_yet(n):
    return np.full(1 + n, -np.inf)


@numba.njit
def evolve(y, v, memory, rng, n, c, t):
    """The (1+1) EA; memory: f(x), then x."""
    if v >= memory[0]:
        memory[0] = v
        memory[1:] = y
    for i in range(n):
        y[i] = memory[1 + i]
        if rng.random() < c / n:
            y[i] ^= 1


@numba.njit
def climb(y, v, memory, rng, n, c, t):
    """Randomised local search; memory: f(x), then x."""
    if v >= memory[0]:
        memory[0] = v
        memory[1:] = y
    y[:] = memory[1:].astype(np.uint8)
    i = rng.integers(0, n)
    y[i] = 1 - y[i]


@numba.njit
def climb_strictly(y, v, memory, rng, n, c, t):
    """The same, but a mistake: equally good offspring are rejected."""
    if v > memory[0]:
        memory[0] = v
        memory[1:] = y
    y[:] = memory[1:].astype(np.uint8)
    i = rng.integers(0, n)
    y[i] = 1 - y[i]


@numba.njit
def compact(y, v, memory, rng, n, c, t):
    """The compact genetic algorithm with K = 5; memory: f of the first sample, frequencies, the first sample."""
    p, first = memory[1 : n + 1], memory[n + 1 :]
    if t % 2 == 1:
        memory[0] = v
        first[:] = y
    elif t > 0:
        for i in range(n):
            p[i] += (first[i] - y[i]) / 5 if memory[0] >= v else (y[i] - first[i]) / 5
            p[i] = min(max(p[i], 1 / n), 1 - 1 / n)
    for i in range(n):
        y[i] = rng.random() < p[i]


@numba.njit
def pairs(x):
    """Ties, and not monotone."""
    return (x[0] ^ x[1]) + 2.5 * (x[2] & x[3]) + x[4]


BY_PAIRS = Custom(pairs, target=4.5)
CASES = {
    "ea on one-max": (CustomAlgorithm(evolve, nothing_yet), OnePlusOneEA("c/n"), OneMax(), {"n": 6, "c": 1.5}, "uniform"),
    "ea on leading-ones": (CustomAlgorithm(evolve, nothing_yet), OnePlusOneEA("c/n"), LeadingOnes(), {"n": 5, "c": 1}, "zeros"),
    "rls on a function of the user's": (CustomAlgorithm(climb, nothing_yet), RLS(), BY_PAIRS, {"n": 5}, 3),
}


def p_value(name, mine=None, seed=1):
    ours, original, problem, values, start = CASES[name]
    law = runtime_distribution(original.on(problem), start=start, **values)
    how = {"replicates": RUNS, "seed": seed, "start": start, "budget": 2000, **values}
    runs = simulate((mine or ours).on(problem), **how)
    assert runs.engine == "reference" and (runs.generations == runs.evaluations).all()
    return has_law(runs.evaluations, law.pmf)


@pytest.mark.parametrize("name", CASES)
def test_a_users_algorithm_has_the_exact_law_of_the_algorithm_that_it_is(name):
    assert p_value(name) > LEVEL


def test_a_mistake_in_a_users_algorithm_is_caught():
    assert p_value("rls on a function of the user's", CustomAlgorithm(climb_strictly, nothing_yet)) < 1e-9


def test_a_planted_mistake_in_the_kernel_is_caught(tmp_path, monkeypatch):
    plant("ask_tell", "        t += 1\n", "        t += 2\n", tmp_path, monkeypatch)
    assert p_value("ea on one-max") < 1e-9


def test_a_users_compact_ga_has_the_law_of_ours():
    mine = CustomAlgorithm(compact, lambda n: np.full(2 * n + 1, 0.5))
    how = {"n": 12, "replicates": RUNS // 4, "budget": BUDGET, "observe": {"targets": [9, 11]}}
    one, two = (simulate(a.on(OneMax()), seed=7, **how) for a in (mine, CompactGA(5)))
    hits = one.observed["hits"]
    hits[hits == 0] = 1  # the start was as good: it isn't a sample of ours
    assert min(same_law(one.evaluations, two.evaluations)) > LEVEL
    for target in range(2):
        started = simulate(mine.on(OneMax()), seed=7, **how).observed["hits"][:, target] > 0
        assert min(same_law(hits[started, target], two.observed["hits"][:, target])) > LEVEL


@numba.njit
def count(y, v, memory, rng, n, c, t):
    """Candidate t is the number t in binary; whoever tells a wrong fitness of y finds a 9 in it."""
    right = y[0] - 2.0 * y[1] + 4.5 * y[2] - 1.0 * y[3]
    for i in range(n):
        y[i] = ((t + 1) >> i) & 1 if v == right else 9


@pytest.mark.parametrize("start", ["zeros", [1, 1, 0, 1]], ids=str)
def test_bits_and_fitness_are_the_users(start):
    process = CustomAlgorithm(count).on(Linear([1, -2, 4.5, -1]))
    observe = {"targets": [1, 4.5], "at": range(7), "potentials": {"v": "v", "k": "k"}, "drift": "k"}
    runs = simulate(process, n=4, replicates=3, seed=1, start=start, budget=99, observe=observe)
    assert runs.evaluations.tolist() == [5] * 3  # the optimum is 1010, the binary digits of 5
    zeros, values = (2, 0.0) if start == "zeros" else (3, -2.0)
    points = [[t >> i & 1 for i in range(4)] for t in range(1, 6)]
    expected = [values, *(a - 2 * b + 4.5 * c - d for a, b, c, d in points)]
    assert runs.observed["potentials"]["v"][0].tolist() == [*expected, 5.5]
    ks = [zeros, *((a != 1) + b + (c != 1) + d for a, b, c, d in points)]
    assert runs.observed["potentials"]["k"][0].tolist() == [*ks, 0]
    assert runs.observed["hits"][0].tolist() == [1, 4]
    assert runs.observed["rounds"][0].tolist() == [ks[:-1].count(k) for k in range(5)]
    assert runs.observed["moved"]["k"][0, ks[0]] == sum(a - b for a, b in itertools.pairwise(ks) if a == ks[0])


def test_runs_do_not_depend_on_threads_and_are_cut_off_at_the_budget():
    process = CASES["ea on one-max"][0].on(OneMax())
    how = {"n": 8, "c": 1, "seed": 3}
    runs = simulate(process, replicates=300, budget=BUDGET, threads=1, **how)
    assert (simulate(process, replicates=300, budget=BUDGET, threads=2, **how).evaluations == runs.evaluations).all()
    assert (simulate(process, replicates=40, budget=BUDGET, threads=2, **how).evaluations == runs.evaluations[:40]).all()
    assert len(set(runs.evaluations)) > 40
    cut = simulate(process, replicates=300, budget=30, **how)
    assert (cut.evaluations == np.minimum(runs.evaluations, 30)).all() and (cut.hit == (runs.evaluations <= 30)).all()


def test_a_start_at_the_optimum_takes_no_step_and_memory_is_new_in_each_run():
    process = CASES["ea on one-max"][0].on(OneMax())
    runs = simulate(process, n=8, c=1, replicates=5, seed=1, start=0, budget=10)
    assert runs.hit.all() and (runs.evaluations == 0).all()


def test_the_code_names_the_algorithm_in_streams_and_files(tmp_path):
    one, two = CustomAlgorithm(climb, nothing_yet), CustomAlgorithm(climb_strictly, nothing_yet)
    assert one.key == CustomAlgorithm(climb, nothing_yet).key != two.key
    assert one.key != CustomAlgorithm(climb, lambda n: np.full(1 + n, -1.0)).key
    assert CustomAlgorithm(climb, nothing_yet, name="mine").key.startswith("CustomAlgorithm(mine#")
    runs = simulate(CASES["ea on one-max"][0].on(OneMax()), n=8, c=1, replicates=5, seed=1, budget=BUDGET)
    runs.save(tmp_path / "runs.parquet")
    assert Runs.load(tmp_path / "runs.parquet").to_pandas().equals(runs.to_pandas())
    assert runs.to_pandas()["algorithm"][0] == CASES["ea on one-max"][0].key


def test_the_same_code_in_another_module_is_the_same_algorithm_with_a_kernel_of_its_own():
    """numba's cache looks for a user's function in the module in which it was first seen."""
    function = types.FunctionType(climb.py_func.__code__, climb.py_func.__globals__, "climb")
    function.__module__ = "elsewhere"
    one, two = (CustomAlgorithm(step, nothing_yet).on(OneMax()) for step in (climb, numba.njit(function)))
    template = Path(engines.__file__).parent / "kernels" / "ask_tell.py"
    kernels = [engines.kernel_for(process, template, {"n": 4}, None) for process in (one, two, one)]
    assert one.key == two.key and kernels[0] is not kernels[1] and kernels[0] is kernels[2]


def plain(y, v, memory, rng, n, c, t):
    y[0] = 1


@numba.njit
def out_of_range(y, v, memory, rng, n, c, t):
    y[n] = 1


@numba.njit
def returns(y, v, memory, rng, n, c, t):
    return np.ones(n, np.uint8)


@numba.njit
def no_bits(y, v, memory, rng, n, c, t):
    y[2] = 7


@numba.njit
def wrong_type(y, v, memory, rng, n, c, t):
    y[0] = memory.no_such_thing


@numba.njit
def gives_up(y, v, memory, rng, n, c, t):
    if t == 2:
        raise ValueError("lost")


@numba.njit
def sometimes_nan(x):
    return np.nan if x[0] + x[x.size - 1] == 2 and x.sum() == 2 else 0.5 * x.sum()


@numba.njit
def only_the_ends(y, v, memory, rng, n, c, t):
    y[:] = 0
    y[0], y[n - 1] = 1, 1


def run(step, memory=None, problem=None, n=4, **how):
    simulate(CustomAlgorithm(step, memory).on(problem or OneMax()), **{"n": n, "replicates": 2, "seed": 1, "budget": 9, **how})


REFUSED = {
    "step: plain is not compiled; put @numba.njit above it": lambda: CustomAlgorithm(plain),
    "step: 3 is not a function": lambda: CustomAlgorithm(3),
    r"step: pairs takes 1 arguments, but must take \(y, v, memory, rng, n, c, t\)": lambda: CustomAlgorithm(pairs),
    "step: fails on the zeros with fitness 0 at t = 0: index 4 is out of bounds": lambda: run(out_of_range),
    "step: must overwrite y with the next candidate and return nothing": lambda: run(returns),
    r"step: writes 7 at position 2 of candidate 1 \(replicate 0\)": lambda: run(no_bits, start="zeros"),
    "step or function: numba can't compile it: .*no_such_thing": lambda: run(wrong_type),
    "step or function: fails in replicate 0: ValueError: lost": lambda: run(gives_up, start="zeros", threads=1),
    "function: is NaN at offspring 1 of replicate 0": lambda: run(only_the_ends, None, Custom(sometimes_nan, target=99), n=200),
    "memory: 3 must be a function of n": lambda: CustomAlgorithm(evolve, 3),
    r"memory: has shape \(4, 4\), .* write memory.reshape\(4, 4\)": lambda: run(evolve, np.eye, c=1),
    "memory: fails at n = 4: ZeroDivisionError": lambda: run(evolve, lambda n: 1 // 0, c=1),
    "name: 'a on b' must be a text": lambda: CustomAlgorithm(evolve, nothing_yet, "a on b"),
    "c: no value given": lambda: run(evolve, nothing_yet),
    "budget: no upper bound on E": lambda: run(climb, nothing_yet, budget=None),
    "engine: 'sparse' can't run .*must be called for every candidate; use reference or auto": lambda: run(
        climb, nothing_yet, engine="sparse"
    ),
    "n: the fitness v of BinVal doesn't fit a float": lambda: run(climb, nothing_yet, BinVal(), n=2000),
    "algorithm: CustomAlgorithm.* flips positions of the whole string": lambda: run(climb, nothing_yet, HiddenSubset()),
    "algorithm: CustomAlgorithm.* needs the fitness of points": lambda: run(climb, nothing_yet, PartiallyOrderedEA()),
    "process: CustomAlgorithm is not a chain of single points": lambda: CustomAlgorithm(climb).on(OneMax()).drift(),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_wrong_is_named_in_one_line(message):
    with pytest.raises(InputError, match="^" + message) as caught:
        REFUSED[message]()
    assert "\n" not in str(caught.value)


def test_theory_knows_nothing_of_it_and_says_so():
    process = CustomAlgorithm(climb, nothing_yet).on(OneMax())
    assert process.bounds() == []
    with pytest.raises(NoExactMethod):
        expected_runtime(process, n=3)
    assert [name for name, reason in engines_for(process).items() if reason is None] == ["reference"]
