"""What runs at changing rates record besides T: rounds and moves by state, and targets.

Moves telescope: along a run the decreases of k add up to that from the start to the end, and rounds to the generations, exactly.
The fast EA's drift and its times to targets are known exactly; each comparison is two-sided at 4.5 standard errors (7e-6).
"""

from __future__ import annotations

import numpy as np
import pytest

from sim import Observe, simulate
from theory import FastEA, LeadingOnes, Linear, OneMax, SelfAdjustingEA, exact

N, START, RUNS = 12, 7, 5000
# potentials as in test_two_rate.py and test_fast_ea.py, whose kernels these are too; on OneMax and LeadingOnes v counts ones
OF_K = Observe(drift={"zeros": "k"}, targets=[8, 11, 12], at=[0], potentials={"k": "k", "p": "p"})
OF_ONES = Observe(drift={"ones": "v"}, targets=[8, 11, 12], at=[0], potentials={"v": "v", "p": "p"})
OF_V = Observe(drift={"ones": "v"}, given="v", targets=[5, 9, 12], at=[0], potentials={"v": "v", "p": "p"})
FAST, RULE, TWO = FastEA(), SelfAdjustingEA("A"), SelfAdjustingEA("two-rate", lam=4)


def runs_of(algorithm, problem, engine, observe, start=START):
    process = algorithm.on(problem)
    return simulate(process, n=N, start=start, replicates=RUNS, seed=8, budget=10**6, engine=engine, observe=observe)


@pytest.mark.parametrize("engine", ["lumped", "sparse", "reference"])
@pytest.mark.parametrize("algorithm", [FAST, TWO], ids=["fast", "two-rate"])
def test_moves_telescope_and_rounds_are_generations(algorithm, engine):
    runs = runs_of(algorithm, OneMax(), engine, OF_ONES if algorithm is FAST else OF_K)
    assert runs.hit.all()
    assert (falls_of_k(runs).sum(axis=1) == START).all()
    assert (runs.observed["rounds"].sum(axis=1) == runs.generations).all()
    assert (runs.observed["rounds"][:, 0] == 0).all()
    hits = runs.observed["hits"]
    assert (0 < hits[:, 0]).all() and (np.diff(hits, axis=1) >= 0).all() and (hits[:, 2] == runs.evaluations).all()
    if algorithm is FAST:
        check_against_exact(runs, OneMax(), START)


def falls_of_k(runs):
    moved = runs.observed["moved"]
    return moved["zeros"] if "zeros" in moved else -moved["ones"]


def check_against_exact(runs, problem, start):
    process = FAST.on(problem)
    matrix = exact.transition_matrix_by_zeros(process, n=N)
    k = np.arange(N + 1)
    drift = k - matrix @ k
    rounds, moved = runs.observed["rounds"].sum(axis=0), falls_of_k(runs).sum(axis=0)
    square = matrix @ (k**2) - 2 * k * (matrix @ k) + k**2  # E[(k - k')^2]
    for state in range(1, START + 1):
        if rounds[state] > 500:
            error = np.sqrt((square[state] - drift[state] ** 2) / rounds[state])
            assert abs(moved[state] / rounds[state] - drift[state]) < 4.5 * error
    for i, target in enumerate(OF_K.targets):
        hits = runs.observed["hits"][:, i]
        assert abs(hits.mean() - exact.fixed_target(process, float(target), n=N, start=start)) < 4.5 * hits.std() / RUNS**0.5


@pytest.mark.parametrize("algorithm", [FAST, RULE], ids=["fast", "rule A"])
def test_levels_of_leadingones_are_measured_by_the_counter_as_by_the_bits(algorithm):
    runs = {engine: runs_of(algorithm, LeadingOnes(), engine, OF_V, "uniform") for engine in ("lumped", "sparse")}
    mean = {}
    for engine, sample in runs.items():
        observed = sample.observed
        gained = -observed["moved"]["ones"].sum(axis=1)
        assert (observed["rounds"].sum(axis=1) == sample.generations).all() and (gained <= N).all() and (gained >= 0).all()
        mean[engine] = [observed["rounds"].mean(axis=0), observed["rounds"].std(axis=0) / RUNS**0.5, observed["hits"]]
    error = np.hypot(mean["lumped"][1], mean["sparse"][1])
    assert (np.abs(mean["lumped"][0] - mean["sparse"][0])[:N] < 4.5 * error[:N]).all()
    for i in range(3):
        one, two = mean["lumped"][2][:, i], mean["sparse"][2][:, i]
        assert abs(one.mean() - two.mean()) < 4.5 * np.hypot(one.std(), two.std()) / RUNS**0.5


def test_rounds_of_a_run_that_is_cut_off_are_counted():
    for engine in ("lumped", "sparse"):
        runs = simulate(FAST.on(OneMax()), n=N, start=START, replicates=200, seed=9, budget=20, engine=engine, observe=OF_ONES)
        assert 0 < runs.hit.sum() < 200
        assert (runs.observed["rounds"].sum(axis=1) == runs.evaluations).all()


def test_two_rate_moves_on_a_function_of_the_positions_are_those_of_the_points():
    runs = runs_of(TWO, Linear([2**i for i in range(N)]), "sparse", OF_K)
    assert (runs.observed["moved"]["zeros"].sum(axis=1) == START).all()
    assert (runs.observed["rounds"].sum(axis=1) == runs.generations).all()
