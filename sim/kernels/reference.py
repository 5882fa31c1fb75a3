"""The reference engine: the algorithm as it is written in a textbook, one bit after the other.

Droste, Jansen, Wegener, TCS 276 (2002): flip each bit of x independently with probability p (RLS: a uniform set of
``FLIPS`` positions), evaluate the offspring y from nothing, keep it if it is not worse (``STRICT``: only if it is better;
with ``RANDOM_ACCEPTANCE`` if the rule says so, given a fresh variate for each position).
It uses the hooks ``value`` and ``compare`` and never ``judge``: it is the oracle for the other engines.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, NOT_A_NUMBER, OK
from sim.kernels.random import fill, seed_stream, uniform
from sim.kernels.record import record_move, record_stay
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    FLIPS,
    MEASURE,
    OBSERVE,
    POSITION_RATES,
    RANDOM_ACCEPTANCE,
    STATIC_RATE,
    STRICT,
    accepts_pair,
    compare,
    measured,
    optimal,
    potentials,
    rate,
    state_of,
    value,
)
from theory.jit import kernel


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x, y = np.empty(n, np.uint8), np.empty(n, np.uint8)
    noise = np.empty(n if RANDOM_ACCEPTANCE else 0)
    before, after_move = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        t = 0
        code = OK
        next_target, next_time = 0, 0
        if OBSERVE:
            while next_target < targets.size and v >= targets[next_target]:
                hits[out, next_target] = 0
                next_target += 1
        while not optimal(k, v, target):
            if OBSERVE:
                while next_time < times.size and times[next_time] <= t:
                    potentials(n, c, times[next_time], k, v, p, x, trajectory[out, next_time])
                    next_time += 1
            if t >= budget:
                code = CENSORED
                break
            if stop[0] != 0:
                code = INTERRUPTED
                break
            t += 1
            if FLIPS > 0:
                missing = FLIPS
                for i in range(n):  # selection sampling: each of the n - i positions left is equally likely
                    y[i] = x[i]
                    if uniform(s) * (n - i) < missing:
                        y[i] = 1 - x[i]
                        missing -= 1
            else:
                if not STATIC_RATE:
                    p = rate(n, c, t, k, v, p)
                    if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                        bad[out, 0], bad[out, 1], bad[out, 2], bad[out, 3] = t, k, v, p
                        code = BAD_RATE
                        break
                for i in range(n):
                    y[i] = 1 - x[i] if uniform(s) < (settings[i] if POSITION_RATES else p) else x[i]
            after = value(y, data)
            if after != after:
                bad[out, 0], bad[out, 1], bad[out, 2], bad[out, 3] = t, k, v, np.nan
                code = NOT_A_NUMBER
                break
            if MEASURE:
                record_stay(moves[out], state_of(k, v), 1)
            sign = compare(y, x, data)
            if RANDOM_ACCEPTANCE:
                noise = fill(s, noise, n)
                sign = 1 if accepts_pair(noise, y, x, settings, data) else -1
            if sign > 0 or (sign == 0 and not STRICT):
                if MEASURE:
                    state = state_of(k, v)
                    measured(n, c, t, k, v, p, x, before)
                k = n
                for i in range(n):
                    x[i] = y[i]
                    k -= y[i]
                v = after
                if MEASURE:
                    measured(n, c, t, k, v, p, x, after_move)
                    record_move(moves[out], state, before, after_move)
                if OBSERVE:
                    while next_target < targets.size and v >= targets[next_target]:
                        hits[out, next_target] = t
                        next_target += 1
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if OBSERVE and code == OK:
            while next_target < targets.size:
                hits[out, next_target] = t
                next_target += 1
            while next_time < times.size:
                potentials(n, c, times[next_time], k, v, p, x, trajectory[out, next_time])
                next_time += 1
