"""The user's own algorithm: tell its step the fitness of a candidate, get the next candidate (:mod:`theory.algorithms.custom`).

``user_step(y, v, memory, rng, n, c, t)`` is put here by ``theory.compile.specialise``; ``settings`` is [scale, offset, the bits
of the optimum, the memory at the start]. The step sees the bits y and the fitness v as the problem's user knows them; x is the
same candidate in canonical form. The start is drawn from the replicate's own stream, all that the step draws from numpy's
Generator.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, NOT_A_POINT, OK, POLL
from sim.kernels.philox import Streams
from sim.kernels.random import FOREVER, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from sim.kernels.start import draw_start
from theory.errors import InputError
from theory.hooks import MEASURE, OBSERVE, measured, optimal, potentials, state_of, value
from theory.jit import hook, kernel


def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`. Only Python can set a Generator to another stream."""
    streams = Streams(key)
    optimum, memory = settings[2 : 2 + n].astype(np.uint8), settings[2 + n :]
    fixed = (n, c, settings[0], settings[1], optimum, data, target)
    start = (start_kind, start_zeros, start_bits, stop, targets, times)
    if first == last:  # compile, without a step
        rows = (np.full(targets.size, -1, np.int64), np.empty(trajectory.shape[1:]), np.zeros(moves.shape[1:]), np.empty(4))
        run_one(streams.of(0), key, 0, memory.copy(), *fixed, 0, *start, *rows)
    for r in range(first, last):
        i = r - first
        rows = (hits[i], trajectory[i], moves[i], bad[i])
        try:
            t, status[i] = run_one(streams.of(r), key, r, memory.copy(), *fixed, budget, *start, *rows)
        except (ArithmeticError, LookupError, ValueError, AssertionError) as error:  # in the user's functions
            raise InputError(f"step or function: fails in replicate {r}: {type(error).__name__}: {error}") from None
        hit[i] = status[i] == OK
        evaluations[i] = generations[i] = t if hit[i] else budget


@hook
def record_times(n, c, before, k, v, x, times, done, rows):
    """Note the potentials of the current point at the times left before candidate ``before``."""
    while done < times.size and times[done] < before:
        potentials(n, c, times[done], k, v, 0.0, x, rows[done])
        done += 1
    return done


@hook
def read_candidate(y, optimum, x):
    """Write y into x in canonical form; return its number of zero-bits, or -1 - i where y[i] is no bit."""
    k = 0
    for i in range(y.size):
        if y[i] > 1:
            return -1 - i
        x[i] = y[i] == optimum[i]
        k += 1 - x[i]
    return k


@kernel
def run_one(
    rng, key, r, memory, n, c, scale, offset, optimum, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, hits, trajectory, moves, bad,
):  # fmt: skip
    """One replicate; returns T and the status."""
    s, x, y = np.empty(4, np.uint64), np.empty(n, np.uint8), np.empty(n, np.uint8)
    earlier, later = np.zeros(moves.shape[1] - 1), np.zeros(moves.shape[1] - 1)
    seed_stream(s, key, r)
    k = draw_start(s, x, start_kind, start_zeros, start_bits)
    for i in range(n):
        y[i] = optimum[i] if x[i] == 1 else 1 - optimum[i]
    v = value(x, data)
    code, t, reached, noted = OK, 0, 0, 0
    if OBSERVE:
        reached = record_hits(v, 0, targets, reached, hits)
    done = optimal(k, v, target)
    while not done:
        if OBSERVE:
            noted = record_times(n, c, t + 1, k, v, x, times, noted, trajectory)
        if t >= budget:
            code = CENSORED
            break
        if t & POLL == 0 and stop[0] != 0:
            code = INTERRUPTED
            break
        state = state_of(k, v)
        if MEASURE:
            measured(n, c, t, k, v, 0.0, x, earlier)
        user_step(y, v / scale + offset, memory, rng, n, c, t)  # noqa: F821
        t += 1
        k = read_candidate(y, optimum, x)
        if k < 0:
            code = NOT_A_POINT
            record_bad(bad, t, -1 - k, y[-1 - k], np.nan)
            break
        v = value(x, data)
        if v != v:
            code = NOT_A_NUMBER
            record_bad(bad, t, k, v, np.nan)
            break
        if MEASURE:
            measured(n, c, t, k, v, 0.0, x, later)
            record_stay(moves, state, 1)
            record_move(moves, state, earlier, later)
        if OBSERVE:
            reached = record_hits(v, t, targets, reached, hits)
        done = optimal(k, v, target)
    if OBSERVE and code == OK:
        record_all_hits(t, targets, reached, hits)
        record_times(n, c, FOREVER, k, v, x, times, noted, trajectory)
    return t, code
