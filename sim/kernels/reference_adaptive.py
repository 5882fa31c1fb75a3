"""The reference engine where the mutation rate changes from offspring to offspring: one bit after the other, then the rule.

As in :mod:`sim.kernels.reference`, each bit of x flips independently with probability p, the offspring y replaces x if it is not
worse; after that the hook ``adapt`` sets the rate of the next offspring. It uses the hooks ``value`` and ``compare`` and never
``judge``: it is the oracle for the other engines.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK
from sim.kernels.random import seed_stream, uniform
from sim.kernels.record import record_move, record_stay
from sim.kernels.start import draw_start
from theory.hooks import (
    MEASURE,
    OBSERVE,
    RANDOM_RATE,
    STRICT,
    adapt,
    compare,
    first_rate,
    measured,
    optimal,
    potentials,
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
    x, y, memory = np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(4)
    before, after_move = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        memory[:] = 0.0
        p = first_rate(uniform(s) if RANDOM_RATE else 0.0, settings, memory)
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
            for i in range(n):
                y[i] = 1 - x[i] if uniform(s) < p else x[i]
            after = value(y, data)
            if after != after:
                bad[out, 0], bad[out, 1], bad[out, 2], bad[out, 3] = t, k, v, np.nan
                code = NOT_A_NUMBER
                break
            if MEASURE:
                record_stay(moves[out], state_of(k, v), 1)
            sign = compare(y, x, data)
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
            p = adapt(p, sign, uniform(s) if RANDOM_RATE else 0.0, n, c, t, settings, memory)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = evaluations[out]
        if OBSERVE and code == OK:
            while next_target < targets.size:
                hits[out, next_target] = t
                next_target += 1
            while next_time < times.size:
                potentials(n, c, times[next_time], k, v, p, x, trajectory[out, next_time])
                next_time += 1
