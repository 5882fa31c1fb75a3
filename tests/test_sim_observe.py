"""What is recorded along a run, and that recording changes nothing."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from laws import same_law

from sim import Observe, simulate
from theory import InputError, Linear, OneMax, OnePlusOneEA

EA = OnePlusOneEA("c/n")
LEVEL = 1e-3 / 100  # of each p-value; there are fewer than 100


@numba.njit
def ones(x):
    return x.sum()


def test_observing_changes_no_run_and_agrees_with_itself():
    process = EA.on(OneMax())
    how = {"n": 12, "c": 1, "replicates": 300, "seed": 2}
    targets, at = [0, 7, 10, 12], [0, 1, 5, 40, 10**7]
    plain = simulate(process, engine="event", **how)
    watch = Observe(targets=targets, at=at, potentials={"log": "log(k + 1) * n + 0*t", "ones": ones})
    runs = simulate(process, engine="event", observe=watch, **how)
    assert np.array_equal(runs.evaluations, plain.evaluations)
    assert plain.observed == {}
    seen, hits = runs.observed["potentials"], runs.observed["hits"]
    assert np.allclose(seen["log"], np.log(13 - seen["ones"]) * 12)  # the function sees the bits, the expression k
    assert (np.diff(seen["ones"], axis=1) >= 0).all() and (seen["ones"][:, -1] == 12).all()
    assert (hits[:, 0] == 0).all() and np.array_equal(hits[:, 3], runs.evaluations)
    assert (np.diff(hits, axis=1) >= 0).all()
    for j, t in enumerate(at):  # a target is hit by t exactly if the fitness after t offspring is that large
        for i, target in enumerate(targets):
            assert np.array_equal(hits[:, i] <= t, seen["ones"][:, j] >= target)


def test_hitting_times_have_one_law_in_all_engines():
    watch = Observe(targets=[6, 9], at=[1], potentials={"zeros": "k", "fitness": "v"})
    process, how = EA.on(OneMax()), {"n": 10, "c": 1, "replicates": 5000, "seed": 3, "observe": watch}
    engines = ("lumped", "event", "sparse", "reference")
    tables = {engine: simulate(process, engine=engine, **how).observed["hits"] for engine in engines}
    for engine in ("lumped", "event", "sparse"):
        for j in range(2):
            assert min(same_law(tables[engine][:, j], tables["reference"][:, j])) > LEVEL


def test_what_lies_beyond_the_budget_is_missing():
    watch = Observe(targets=[0, 50], at=[30, 31], potentials={"zeros": "k", "fitness": "v"})
    for engine in ("lumped", "event", "sparse", "reference"):
        runs = simulate(
            EA.on(OneMax()), n=50, c=1, start="zeros", replicates=20, seed=4, engine=engine, budget=30, observe=watch
        )  # fmt: skip
        assert runs.censored == 20
        assert not np.isnan(runs.observed["potentials"]["zeros"][:, 0]).any()
        assert np.isnan(runs.observed["potentials"]["zeros"][:, 1]).all()
        assert (runs.observed["hits"] == [0, -1]).all()


def test_fitness_of_a_linear_function_is_observed_in_the_users_units():
    weights = [0.5, -0.25, 0.125, 2]
    process = EA.on(Linear(weights))
    watch = Observe(targets=[-0.25, 2.5, 2.625], at=[0, 3], potentials={"v": "v", "k": "k"})
    runs = simulate(process, n=4, c=1, start=[0, 1, 0, 0], replicates=200, seed=5, observe=watch)
    assert (runs.observed["potentials"]["v"][:, 0] == -0.25).all()
    assert (runs.observed["hits"][:, 0] == 0).all() and np.array_equal(runs.observed["hits"][:, 2], runs.evaluations)
    values = {sum(w for w, bit in zip(weights, map(int, f"{x:04b}"), strict=True) if bit) for x in range(16)}
    assert set(runs.observed["potentials"]["v"][:, 1]) <= values
    with pytest.raises(InputError, match="targets: 3 is above 2.625"):
        simulate(process, n=4, c=1, replicates=1, seed=5, observe={"targets": [3]})
