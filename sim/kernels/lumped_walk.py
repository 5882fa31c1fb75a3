"""The lumped engine of the Metropolis algorithm where fitness depends on k alone: a walk on k with geometric waits.

Jansen, Wegener, TCS 386 (2007): one position flips, so k falls by one with probability (k/n) A and rises by one with probability
((n-k)/n) A, where A is 1 for an offspring that isn't worse, otherwise ``survival`` of what is lost.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import CENSORED, ENDLESS, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.lumped_draws import half_binomial
from sim.kernels.random import FOREVER, failures, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_hits, record_move, record_stay
from theory.hooks import MEASURE, OBSERVE, level, measured, potentials, state_of, survival
from theory.jit import hook, kernel


@hook
def step_probability(k, after, n, settings, data):
    """The probability that a round leads from k zero-bits to ``after``, which is one more or less."""
    if after > n:
        return 0.0
    loss = level(k, n, data) - level(after, n, data)
    chance = k / n if after < k else (n - k) / n
    return chance * survival(float(loss), settings) if loss > 0 else chance


@hook
def record_times(n, c, until, k, v, p, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], k, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        if start_kind == UNIFORM:
            k = n - half_binomial(s, n)
        elif start_kind == ZEROS:
            k = start_zeros
        else:
            k = n
            for bit in start_bits:
                k -= bit
        v = level(k, n, data)
        t, rounds = np.int64(0), np.int64(0)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while k > 0:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            fall, rise = step_probability(k, k - 1, n, settings, data), step_probability(k, k + 1, n, settings, data)
            wait = failures(s, -math.log1p(-min(fall + rise, 1.0)))
            ends = wait >= budget - t
            if MEASURE:
                record_stay(moves[out], state_of(k, v), budget - t if ends else wait + 1)
            if OBSERVE:
                noted = record_times(n, c, budget if ends else t + wait, k, v, p, times, noted, trajectory[out])
            if ends:
                code = ENDLESS if wait >= FOREVER else CENSORED
                break
            t += wait + 1
            if MEASURE:
                state = state_of(k, v)
                measured(n, c, t, k, v, p, no_bits, earlier)
            k += -1 if uniform(s) * (fall + rise) < fall else 1
            v = level(k, n, data)
            if MEASURE:
                measured(n, c, t, k, v, p, no_bits, later)
                record_move(moves[out], state, earlier, later)
            if OBSERVE:
                reached = record_hits(v, t, targets, reached, hits[out])
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, k, v, p, times, noted, trajectory[out])
