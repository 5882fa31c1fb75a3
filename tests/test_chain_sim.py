"""Chains of the user's: integers, reals and permutations, against what is known of them."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from lumped_runner import KEY, critical, distance

import sim
from sim.kernels import codes
from sim.kernels.chain import chain_runner
from theory import RLS, Chain, InputError, OneMax, k, n
from theory.exact import runtime_distribution

RUNS = 5000


@numba.njit
def collect(k, rng, n, c):
    return k - 1 if rng.random() * n < k else k


@numba.njit
def halve_or_double(x, rng):
    return 0.0 if rng.random() < 0.5 else 2.0 * x


@numba.njit
def transpose(p, rng, n, c):
    i, j = rng.integers(0, n), rng.integers(0, n)
    p[i], p[j] = p[j], p[i]


@numba.njit
def to_nan(x, rng):
    return x * np.nan


@numba.njit
def misplaced(p):
    total = 0
    for i in range(p.size):
        total += p[i] != i
    return total


def simulate(chain, replicates=RUNS, budget=10**6, targets=(), times=(), first=0, stop=0, **values):
    checked = chain.values(**values)
    evaluations, status = np.zeros(replicates, np.int64), np.full(replicates, -1, np.int64)
    hit, hits = np.zeros(replicates, np.uint8), np.full((replicates, len(targets)), -1, np.int64)
    path = np.full((replicates, len(times), 1), np.nan)
    chain_runner(chain, checked)(
        KEY, first, first + replicates, budget, np.array([stop], np.uint8), np.array(targets, float), np.array(times, np.int64),
        evaluations, hit, hits, path, status,
    )  # fmt: skip
    return evaluations, hit, hits, path[:, :, 0], status


def test_a_coupon_collector_has_the_law_of_rls_on_onemax():
    times, hit, *_ = simulate(Chain(n, collect, drift=k / n), n=10)
    law = runtime_distribution(RLS().on(OneMax()), start="zeros", n=10)
    assert hit.all() and distance(times, np.cumsum(law.pmf)) < critical(RUNS)


def test_replicates_do_not_depend_on_how_they_are_cut_into_blocks():
    chain = Chain(n, collect)
    whole = simulate(chain, 40, n=10)[0]
    assert (np.concatenate([simulate(chain, 15, n=10)[0], simulate(chain, 25, first=15, n=10)[0]]) == whole).all()
    assert len(set(whole)) > 10


def test_a_real_chain_with_a_heavy_jump_stops_when_it_is_zero():
    """0 or 2X with probability 1/2 each: no drift at all, and E[T] = 2."""
    times = simulate(Chain(1.0, halve_or_double), n=1)[0]
    assert distance(times, 1 - 0.5 ** np.arange(40)) < critical(RUNS)


def test_a_permutation_changed_in_place_is_observed_and_the_start_is_left_alone():
    start = np.array([1, 0, 2, 3])
    chain = Chain(lambda n: start, transpose, potential=misplaced)
    times, hit, hits, path, _ = simulate(chain, targets=[3, 2, 0], times=[0, 1, 10**5], n=4)
    assert (start == [1, 0, 2, 3]).all()
    assert (path[:, 0] == 2).all() and (hits[:, 1] == 0).all() and (hits[:, 2] == times).all() and (path[hit == 1, 2] == 0).all()
    shares = np.array([(path[:, 1] == x).mean() for x in (0, 2, 3, 4)])
    exact = np.array([2, 4, 8, 2]) / 16  # of the 16 pairs (i, j): 2 sort, 4 do nothing, 2 misplace all
    assert (np.abs(shares - exact) < 4.5 * np.sqrt(exact * (1 - exact) / RUNS)).all()


def test_a_budget_censors_a_chain():
    chain = Chain(n, collect)
    whole = simulate(chain, 200, n=10)[0]
    times, hit, _, path, status = simulate(chain, 200, budget=25, times=[25, 26], n=10)
    assert (times == np.minimum(whole, 25)).all() and (hit == (whole <= 25)).all() and 20 < hit.sum() < 180
    assert (status == np.where(hit, codes.OK, codes.CENSORED)).all()
    assert (path[hit == 0, 0] > 0).all() and np.isnan(path[hit == 0, 1]).all() and (path[hit == 1] == 0).all()


def test_stop_and_nan_end_a_chain():
    assert simulate(Chain(n, collect), 2, stop=1, n=10)[4].tolist() == [codes.INTERRUPTED] * 2
    assert simulate(Chain(1.0, to_nan), 2, n=1)[4].tolist() == [codes.NOT_A_NUMBER] * 2


def test_a_start_at_zero_takes_no_step():
    times, hit, *_ = simulate(Chain(0, collect), 3, n=10)
    assert (times == 0).all() and hit.all()


def test_a_step_that_uses_n_needs_it():
    with pytest.raises(InputError, match="n: no value given; the step of this chain uses n"):
        simulate(Chain(3, collect), 1)


def test_a_step_that_returns_something_else_is_refused():
    @numba.njit
    def longer(p, rng):
        return np.append(p, 1)

    with pytest.raises(InputError, match="step: longer must return nothing or an array like the start"):
        simulate(Chain(lambda n: np.zeros(3), longer, potential=misplaced), 1, n=3)


def test_an_integer_state_whose_step_leaves_the_integers_is_refused():
    half = numba.njit(lambda state, rng: state * 0.5)
    with pytest.raises(InputError, match="^step: .* returns the float 0.5 from the integer state 1"):
        sim.simulate(Chain(1, half), replicates=2, seed=1, budget=100)


def test_a_step_that_does_not_compile_is_named_with_the_cause():
    wrong = numba.njit(lambda state, rng: state - rng.nothing())
    with pytest.raises(InputError, match="^step or potential: numba can't compile it: .*nothing"):
        sim.simulate(Chain(5.0, wrong), replicates=2, seed=1, budget=100)
