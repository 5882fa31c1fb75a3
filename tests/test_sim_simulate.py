"""simulate at its border: what it refuses and how, and what its results don't depend on."""

from __future__ import annotations

import gc
import io
import sys
import threading
import time

import numba
import numpy as np
import pytest

from sim import Observe, engines_for, replicates, simulate
from sim.kernels.codes import LARGEST_BUDGET
from theory import RLS, BinVal, Chain, Custom, InputError, LeadingOnes, Linear, Needle, OneMax, OnePlusOneEA

EA = OnePlusOneEA("c/n")
ONE_MAX = {"process": EA.on(OneMax()), "n": 8, "c": 1, "replicates": 3, "seed": 1}


@numba.njit
def ones(x):
    return x.sum()


@numba.njit
def blind_to_the_first_bit(x):
    return x[1:].sum()


@numba.njit
def hole(x):
    """NaN at one level."""
    total = float(x.sum())
    return np.nan if total == x.size - 2 else total


WRONG = {
    "replicates zero": ({"replicates": 0}, "replicates: 0 must be a positive integer"),
    "replicates no number": ({"replicates": "many"}, "replicates: 'many' must be a positive integer"),
    "seed negative": ({"seed": -1}, r"seed: -1 must be an integer from 0 to 2\^63 - 1"),
    "seed too large": ({"seed": 2**63}, "seed: .* must be an integer"),
    "seed a float": ({"seed": 1.5}, "seed: 1.5 must be an integer"),
    "threads zero": ({"threads": 0}, "threads: 0 must be a positive integer"),
    "progress no function": ({"progress": "yes"}, "progress: 'yes' must be True, False or a function"),
    "budget zero": ({"budget": 0}, "budget: 0 must be a whole number"),
    "budget too large": ({"budget": 2**62}, f"budget: .* from 1 to {LARGEST_BUDGET}"),
    "budget a fraction": ({"budget": 1.5}, "budget: 1.5 must be a whole number"),
    "budget infinite": ({"budget": float("inf")}, "budget: inf must be finite"),
    "engine unknown": ({"engine": "evnt"}, "engine: unknown engine 'evnt'; did you mean event?"),
    "engine no text": ({"engine": 3}, "engine: unknown engine 3"),
    "start unknown": ({"start": "unifrom"}, "start: unknown start 'unifrom'; did you mean uniform?"),
    "start too many zeros": ({"start": 9}, "start: 9 zero-bits are not possible with n = 8; from 0 to 8 are"),
    "start a truth value": ({"start": True}, "start: True must be one of uniform, zeros, worst"),
    "start too short": ({"start": [0, 1]}, "start: has 2 bits, but n = 8"),
    "start no bits": ({"start": [2] * 8}, "start: .* an array of 0 and 1"),
    "start a half": ({"start": 0.5}, "start: 0.5 must be"),
    "n zero": ({"n": 0}, "n: 0 must be a positive integer"),
    "an argument misspelt": ({"bugdet": 9}, "bugdet: unknown argument of simulate; did you mean budget?"),
    "c unknown name": ({"d": 1}, "d: unknown value"),
    "rate above 1": ({"c": 9}, "rate: c/n is 1.125 at n = 8, c = 9; a mutation rate must lie in"),
    "process no process": ({"process": OneMax()}, r"process: OneMax\(\) must be algorithm.on\(problem\)"),
    "observe unknown": ({"observe": {"target": [1]}}, "observe: unknown entry 'target'; did you mean targets?"),
    "observe no dict": ({"observe": [1]}, r"observe: \[1\] must be Observe"),
    "observe target too high": ({"observe": {"targets": [9]}}, "targets: 9 is above 8, where a run on OneMax ends"),
    "observe time negative": ({"observe": {"at": [-1]}}, "at: -1 must be a number of offspring"),
    "observe without times": ({"observe": {"potentials": {"x": "k"}}}, "at: potentials need the numbers of the offspring"),
    "observe unknown symbol": ({"observe": {"at": [1], "potentials": {"x": "k*z"}}}, "potentials: .*z"),
    "observe not compiled": ({"observe": {"at": [1], "potentials": {"x": sum}}}, "potentials: sum is not compiled"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_argument_is_named_in_one_line_with_what_would_be_right(what):
    change, message = WRONG[what]
    with pytest.raises(InputError, match="^" + message) as error:
        simulate(**{**ONE_MAX, **change})
    assert "\n" not in str(error.value)


def test_arguments_that_are_missing_or_too_many_are_said_with_what_to_write():
    for given, why in (({}, "replicates: missing"), ({"replicates": 3}, "seed: missing")):
        with pytest.raises(InputError, match=rf"^{why}; write simulate\(process, replicates=..., seed=...\)$"):
            simulate(EA.on(OneMax()), n=8, c=1, **given)
    with pytest.raises(InputError, match=r"^simulate: too many positional arguments; write simulate\(process, "):
        simulate(EA.on(OneMax()), 8, replicates=3, seed=1)


def test_an_engine_that_cannot_run_the_process_is_refused_with_the_reason_and_what_can():
    with pytest.raises(
        InputError, match="engine: 'event' can't run .*LeadingOnes is not strictly monotone.*; use lumped, sparse"
    ):
        simulate(**{**ONE_MAX, "process": EA.on(LeadingOnes()), "engine": "event"})
    with pytest.raises(InputError, match="engine: 'lumped' can't run"):
        simulate(**{**ONE_MAX, "process": EA.on(BinVal()), "engine": "lumped"})
    answers = engines_for(EA.on(OneMax()), observe=Observe(at=[1], potentials={"ones": ones}))
    assert "function of the bits" in answers["lumped"] and answers["event"] is None
    assert "at most" in engines_for(EA.on(OneMax()), values={"n": 2**31, "c": 1})["event"]


def test_a_budget_is_demanded_where_nothing_useful_is_known():
    with pytest.raises(InputError, match="budget: no upper bound on E.T. is known"):
        simulate(OnePlusOneEA("1/(t+1)").on(OneMax()), n=5, replicates=1, seed=1)
    with pytest.raises(InputError, match="budget: theory only has E.T. <= .*e.30"):
        simulate(EA.on(Needle()), n=100, c=1, replicates=1, seed=1)


def test_the_default_budget_is_a_hundred_times_what_theory_expects():
    runs = simulate(RLS().on(OneMax()), n=1000, replicates=2, seed=1)
    assert runs.hit.all() and 100 * 6792 <= runs.budget <= 100 * 7500


# at seven of eight ones the rate is 9/8; nothing is known of the range of a user's function, so that only the run can find it
STEEP = OnePlusOneEA("Piecewise((9/8, v >= 7), (1/8, True))").on(Custom(ones, strictly_monotone=True))


@pytest.mark.parametrize("engine", ["event", "sparse"])
def test_a_rate_outside_the_unit_interval_is_found_in_the_run_with_the_place_named(engine):
    with pytest.raises(
        InputError, match=r"^rate: Piecewise.* is 1.125 at t = \d+, k = 1, v = 7 \(replicate \d+\); a mutation rate"
    ):
        simulate(STEEP, n=8, replicates=20, seed=1, start=2, budget=10**5, engine=engine)


def test_the_first_failing_replicate_is_named_whatever_the_number_of_threads():
    messages = set()
    for threads in (1, 4):
        with pytest.raises(InputError) as error:
            simulate(STEEP, n=8, replicates=200, seed=1, budget=10**5, threads=threads)
        messages.add(str(error.value))
    assert len(messages) == 1


@pytest.mark.parametrize(
    ("start", "where"),
    [
        ([0] * 20, "in rounds that are made, since no bit can flip down"),
        ([1] + [0] * 19, "in skipped rounds, since the first bit can't flip up"),
    ],
)
def test_a_false_declaration_of_monotonicity_is_found_with_a_witness(start, where):
    problem = Custom(blind_to_the_first_bit, strictly_monotone=True)
    problem._checked.add(20)  # as if the check on random pairs had missed it
    message = r"^strictly_monotone: f\(10{19}\) = 0 is not larger than f\(0{20}\) = 0 \(they differ at 0\)"
    with pytest.raises(InputError, match=message):
        simulate(EA.on(problem), n=20, c=1, replicates=2000, seed=1, budget=1, start=start)


def test_a_function_that_is_nan_somewhere_is_named():
    process = EA.on(Custom(hole))
    process.problem._checked.add(30)  # its check may meet the hole, too
    with pytest.raises(InputError, match=r"function: is NaN at offspring \d+ of replicate 0"):
        simulate(process, n=30, c=1, replicates=2, seed=1, budget=10**6, engine="sparse")


def test_results_do_not_depend_on_threads_or_blocks():
    process = EA.on(BinVal())
    one = simulate(process, n=20, c=1, replicates=3000, seed=5, threads=1)
    many = simulate(process, n=20, c=1, replicates=3000, seed=5, threads=7)
    few = simulate(process, n=20, c=1, replicates=11, seed=5, threads=2)
    assert np.array_equal(one.evaluations, many.evaluations)
    assert np.array_equal(one.evaluations[:11], few.evaluations)


def test_streams_differ_by_seed_values_process_and_engine():
    process = EA.on(OneMax())
    how = {"n": 20, "c": 1, "replicates": 20, "seed": 5, "engine": "event"}
    changes = ({}, {"seed": 6}, {"c": 1.25}, {"engine": "sparse"}, {"process": EA.on(BinVal())})
    tables = [simulate(**{"process": process, **how, **change}).evaluations for change in changes]
    assert len({tuple(table) for table in tables}) == len(tables)
    assert np.array_equal(simulate(process, **{**how, "c": "1.0"}).evaluations, tables[0])  # the same value, written otherwise


def test_a_run_beyond_its_budget_is_censored_at_it_and_one_at_its_budget_is_not():
    process = EA.on(OneMax())
    for engine in ("lumped", "event", "sparse"):
        free = simulate(process, n=12, c=1, replicates=200, seed=3, engine=engine).evaluations
        limit = int(np.sort(free)[100])
        cut = simulate(process, n=12, c=1, replicates=200, seed=3, engine=engine, budget=limit)
        assert np.array_equal(cut.evaluations, np.minimum(free, limit))
        assert np.array_equal(cut.hit, free <= limit) and cut.censored == int((free > limit).sum())
        assert (free == limit).any()  # such runs count as hits


def test_a_rate_of_zero_and_a_start_at_the_optimum_end_at_once():
    for engine in ("lumped", "event", "sparse"):
        still = simulate(OnePlusOneEA("0*c").on(OneMax()), n=5, replicates=2, seed=1, start=1, engine=engine, budget=10**18)
        assert not still.hit.any() and (still.evaluations == 10**18).all()
        there = simulate(EA.on(OneMax()), n=5, c=1, replicates=2, seed=1, start=0, engine=engine, budget=10)
        assert there.hit.all() and (there.evaluations == 0).all()


def test_waiting_times_never_wrap():
    for engine in ("lumped", "event", "sparse"):
        runs = simulate(EA.on(OneMax()), n=3, c="1e-18", replicates=200, seed=1, engine=engine, budget=LARGEST_BUDGET)
        assert (runs.evaluations >= 0).all() and (runs.evaluations[~runs.hit] == LARGEST_BUDGET).all()


def test_start_words_mean_points_in_the_users_form():
    weights = [0.5, -0.25, 0.125, 2]
    process, how = EA.on(Linear(weights)), {"n": 4, "c": 1, "replicates": 5, "seed": 1, "budget": 1}
    starts = {"zeros": 3, (0, 0, 0, 0): 3, (1, 0, 1, 1): 0, (0, 1, 0, 0): 4, 2: 2}
    for start, zeros in starts.items():
        point = list(start) if isinstance(start, tuple) else start
        runs = simulate(process, start=point, observe={"at": [0], "potentials": {"v": "v", "k": "k"}}, **how)
        assert (runs.observed["potentials"]["k"] == zeros).all()
        if isinstance(start, tuple):
            assert (runs.observed["potentials"]["v"] == np.dot(start, weights)).all()
    worst = simulate(process, start="worst", observe={"at": [0], "potentials": {"v": "v", "k": "k"}}, **how)
    assert worst.start == "worst" and (worst.observed["potentials"]["k"] == 4).all()


def test_progress_is_told_to_a_function_and_stays_off_otherwise(capsys):
    told = []
    simulate(**{**ONE_MAX, "progress": lambda done, total: told.append((done, total))})
    assert told[-1] == (3, 3)
    simulate(**ONE_MAX)
    assert capsys.readouterr().err == ""
    simulate(**{**ONE_MAX, "progress": True})
    assert "3/3" in capsys.readouterr().err


def test_a_slow_compilation_says_so_on_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, patience, said in ((Terminal(), 0.0, "compiling it ...\n"), (Terminal(), 3600.0, ""), (io.StringIO(), 0.0, "")):
        monkeypatch.setattr(replicates, "_PATIENCE", patience)
        monkeypatch.setattr(sys, "stderr", stream)
        with replicates.said_if_slow("compiling it ..."):
            timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
            while stream.getvalue() != said:
                time.sleep(0.01)
        for timer in timers:
            timer.join(300)
            assert not timer.is_alive()  # nothing is said later
        assert stream.getvalue() == said


def test_garbage_is_collected_again_after_a_compilation_that_fails():
    fails = Chain(3, numba.njit(lambda state, rng: state - rng.nothing()), name="fails")
    with pytest.raises(InputError, match="numba can't compile it"):
        simulate(fails, replicates=1, seed=1, budget=9)
    assert gc.isenabled()


def test_an_interrupt_returns_promptly(monkeypatch):
    process = EA.on(Needle())

    def interrupt(done, total):
        raise KeyboardInterrupt

    began, before = time.monotonic(), threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        simulate(process, n=60, c=1, replicates=4, seed=1, budget=10**12, engine="sparse", progress=interrupt)
    assert time.monotonic() - began < 300  # the runs would take hours
    assert threading.active_count() == before
