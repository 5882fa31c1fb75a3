"""Rates so small that a jump along a tape of bits would pass 2^62: the law of the process stays right."""

from __future__ import annotations

import math

import pytest

from sim import simulate
from theory import OneMax, OnePlusOneEA, c, k, n

PROCESS = OnePlusOneEA(c / n).on(OneMax())


@pytest.mark.parametrize("engine", ["lumped", "event", "sparse"])
def test_nothing_flips_where_no_flip_is_due(engine):
    watch = {"at": [9 * 10**16], "potentials": {"k": k}}
    runs = simulate(PROCESS, n=1000, c=1e-30, replicates=4, seed=1, start=500, engine=engine, budget=10**17, observe=watch)
    assert (runs.observed["potentials"]["k"] == 500).all() and not runs.hit.any()


@pytest.mark.parametrize("engine", ["lumped", "event", "sparse"])
def test_zero_bits_decay_at_the_rate_of_single_flips(engine):
    """At p = 1e-16 no round has two flips that matter: k after t rounds is Binomial(500, exp(-pt)). Error rate 1e-5 a case."""
    time, replicates = 9 * 10**15, 400
    watch = {"at": [time], "potentials": {"k": k}}
    runs = simulate(
        PROCESS, n=1000, c=1e-13, replicates=replicates, seed=1, start=500, engine=engine, budget=10**16, observe=watch
    )
    stays = math.exp(-1e-16 * time)
    error = math.sqrt(500 * stays * (1 - stays) / replicates)
    assert abs(runs.observed["potentials"]["k"].mean() - 500 * stays) < 4.42 * error
