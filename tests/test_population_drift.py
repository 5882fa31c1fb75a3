"""Measured drift of algorithms with several offspring a generation: a round is a generation, and each is counted once.

OneMax is itself to the counters and a sum of equal weights to the other engines, whose kernels the tests of laws have compiled.

Error rate: limits of measured drift hold together at confidence 1 - 1e-5 in each of eleven cases.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from generations import lambda_generation, lambda_lambda_generation
from oracle import onemax

from sim import simulate
from theory import Linear, MuPlusOneEA, OneCommaLambdaEA, OneMax, OnePlusLambdaEA, OnePlusLambdaLambdaGA

CONFIDENCE = 1 - 1e-5
N = 3


def exact_falls(generation, states):
    """By how much k falls in expectation in a generation from each state; at an optimal offspring it falls to 0."""
    falls = []
    for state in states:
        x = state[0] if isinstance(state[0], tuple) else state
        total = Fraction(0)
        for weight, ys, after in generation(state, 0):
            y = after[0] if isinstance(after[0], tuple) else after
            total += weight * (sum(y) - sum(x) if not any(map(all, ys)) else N - sum(x))
        falls.append(float(total))
    return falls


def third(x, t):
    return Fraction(1, 3)


def ones(engine, n):
    return OneMax() if engine == "lumped" else Linear([1] * n)


def watch(algorithm):
    potentials = {"k": "k", "p": "p"} if isinstance(algorithm, OnePlusLambdaLambdaGA) else {"k": "k"}
    return {"drift": "k", "targets": [1], "at": [1], "potentials": potentials}


PLUS = OnePlusLambdaEA(3, "1/3"), lambda_generation(onemax, 3, third), "reference sparse event lumped"
COMMA = OneCommaLambdaEA(3, "1/3"), lambda_generation(onemax, 3, third, comma=True), "reference sparse lumped"
GA = OnePlusLambdaLambdaGA(lam=2), lambda_lambda_generation(onemax), "reference sparse lumped"
CASES = [(*case[:2], engine) for case in (PLUS, COMMA, GA) for engine in case[2].split()]


@pytest.mark.parametrize(("algorithm", "generation", "engine"), CASES, ids=[f"{a}-{e}" for a, _, e in CASES])
def test_drift_on_onemax_is_that_of_the_enumeration(algorithm, generation, engine):
    points = [(0, 0, 0), (0, 0, 1), (0, 1, 1)]  # k = 3, 2, 1
    states = [(x, 2.0) for x in points] if isinstance(algorithm, OnePlusLambdaLambdaGA) else points
    process, how = algorithm.on(ones(engine, N)), {"n": N, "replicates": 20_000, "seed": 1, "budget": 10**4}
    runs = simulate(process, engine=engine, observe=watch(algorithm), **how)
    assert (runs.observed["rounds"].sum(axis=1) == runs.generations).all()
    found = runs.drift(confidence=CONFIDENCE)
    assert list(found.states) == [1, 2, 3]
    assert found.theory is None
    for low, high, exact in zip(found.low, found.high, reversed(exact_falls(generation, states)), strict=True):
        assert low <= exact <= high
        assert high - low < 0.25  # a wrong end of the last generation, or a comma that is a plus, lies outside


@pytest.mark.parametrize("engine", ["sparse", "event", "lumped"])
def test_a_generation_that_the_budget_cuts_off_is_no_round(engine):
    process = OnePlusLambdaEA(4, "1/n").on(ones(engine, 20))
    runs = simulate(process, n=20, replicates=200, seed=2, engine=engine, budget=50, observe=watch(process.algorithm))
    rounds = runs.observed["rounds"].sum(axis=1)
    assert 0 < runs.censored
    assert (rounds[~runs.hit] == 12).all()
    assert (runs.generations[~runs.hit] == 13).all()


@pytest.mark.parametrize("engine", ["lumped", "sparse"])
def test_rounds_of_a_population_are_its_offspring(engine):
    process = MuPlusOneEA(3, "1/n").on(ones(engine, 8))
    runs = simulate(process, n=8, replicates=500, seed=3, budget=80, engine=engine, observe=watch(process.algorithm))
    assert 0 < runs.censored < 500
    assert (runs.observed["rounds"].sum(axis=1) == runs.evaluations).all()
