"""The lumped engine of LeadingOnes from a uniform start, where the mutation rate changes from offspring to offspring.

The chain of (v, rate), v the length of the prefix of ones. Whether an offspring is better, equal or worse is told by the first
v + 1 bits, and the rule sees nothing else: so the bits behind the first zero stay uniform and independent (Böttcher, Doerr,
Neumann, PPSN 2010), whatever the rates. The first flip among the v + 1 bits is found on an endless tape in units of hazard
(:mod:`sim.kernels.hazard`): none, and the offspring is equal; the first zero, and it is better; a one before it, and it is worse.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, OK, POLL
from sim.kernels.hazard import hazard_of
from sim.kernels.lumped_draws import free_riders
from sim.kernels.random import FOREVER, exponential, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_hits, record_move, record_stay
from theory.hooks import MEASURE, OBSERVE, RANDOM_RATE, adapt, first_rate, measured, potentials, state_of
from theory.jit import hook, kernel

_UNKNOWN = np.int64(-1)  # k, which nothing may depend on here


@hook
def record_times(n, c, until, v, p, no_bits, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], _UNKNOWN, v, p, no_bits, rows[noted])
        noted += 1
    return noted


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    memory, no_bits, bits = np.empty(4), np.empty(0, np.uint8), np.zeros(2, np.uint64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        bits[1] = 0
        v = free_riders(s, bits, np.int64(0), n)
        memory[:] = 0.0
        p = first_rate(uniform(s) if RANDOM_RATE else 0.0, settings, memory)
        account = exponential(s)
        code = OK
        t, since = np.int64(0), np.int64(0)  # since: the round up to which rounds are counted by their state
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while v < n:
            if t & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if OBSERVE:
                noted = record_times(n, c, t, v, p, no_bits, times, noted, trajectory[out])
            if t >= budget:
                code = CENSORED
                break
            t += 1
            hazard = hazard_of(p)
            if account >= (v + 1) * hazard:
                sign = 0
                account -= (v + 1) * hazard
            else:
                sign = 1 if account >= v * hazard else -1
                account = exponential(s)
                if sign > 0:
                    if MEASURE:
                        state = state_of(_UNKNOWN, v)
                        record_stay(moves[out], state, t - since)
                        since = t
                        measured(n, c, t, _UNKNOWN, v, p, no_bits, earlier)
                    v = free_riders(s, bits, v + 1, n)
                    if MEASURE:
                        measured(n, c, t, _UNKNOWN, v, p, no_bits, later)
                        record_move(moves[out], state, earlier, later)
                    if OBSERVE:
                        reached = record_hits(v, t, targets, reached, hits[out])
            p = adapt(p, sign, uniform(s) if RANDOM_RATE else 0.0, n, c, t, settings, memory)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = evaluations[out]
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(_UNKNOWN, v), budget - since)
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, v, p, no_bits, times, noted, trajectory[out])
