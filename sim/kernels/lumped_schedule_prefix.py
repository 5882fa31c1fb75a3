"""The lumped engine of LeadingOnes from a uniform start, for rates in t: the chain of v, the length of the prefix of ones.

As in ``lumped_prefix.py`` the prefix of length v grows in round t with probability q_t = p_t (1 - p_t)^v, and then runs on over
bits that are ones with probability 1/2 each. On a window of time with bounds low <= p_t <= high (:mod:`sim.windows`) that is at
most Q = high (1 - low)^v: the wait is drawn at Q and the round kept with probability q_t/Q (thinning, exact). Where the bounds
are unknown, rounds are drawn one by one.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, OK, POLL
from sim.kernels.lumped_draws import free_riders
from sim.kernels.random import FOREVER, failures, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import CHECK_RATE, MEASURE, OBSERVE, measured, potentials, rate, state_of
from theory.jit import hook, kernel

_UNKNOWN = np.int64(-1)  # k, which nothing may depend on here


@hook
def record_times(n, c, until, v, p, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], _UNKNOWN, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@hook
def left_of_one(v, p):
    """-log (1-p)^v."""
    return -v * math.log1p(-p) if v > 0 else 0.0


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`. ``settings`` holds the windows."""
    s = np.empty(4, np.uint64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    bits = np.zeros(2, np.uint64)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        bits[1] = 0
        v = free_riders(s, bits, np.int64(0), n)
        t, rounds, since = np.int64(0), np.int64(0), np.int64(0)
        code = OK
        window, end = 0, np.int64(0)  # rounds t + 1 .. end have the bounds below
        low, high = 0.0, 0.0
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while v < n:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            if t >= budget:
                code = CENSORED
                break
            if t >= end:
                while settings[3 * window] < t + 1:
                    window += 1
                end, low, high = np.int64(settings[3 * window]), settings[3 * window + 1], settings[3 * window + 2]
            if high > 1.0:
                t += 1
                p = rate(n, c, t, _UNKNOWN, v, p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    record_bad(bad[out], t, _UNKNOWN, v, p)
                    code = BAD_RATE
                    break
                if uniform(s) >= p * math.exp(-left_of_one(v, p)):
                    continue
            else:
                wait = failures(s, -math.log1p(-high * math.exp(-left_of_one(v, low))))
                if wait >= min(end, budget) - t:
                    t = min(end, budget)
                    continue
                t += wait + 1
                p = rate(n, c, t, _UNKNOWN, v, p)
                if uniform(s) * high >= p * math.exp(left_of_one(v, low) - left_of_one(v, p)):
                    continue
            if OBSERVE:
                noted = record_times(n, c, t - 1, v, p, times, noted, trajectory[out])
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
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(_UNKNOWN, v), budget - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            until = FOREVER if code == OK else (budget if code == CENSORED else t - 1)
            record_times(n, c, until, v, p, times, noted, trajectory[out])
