"""The sparse engine where the mutation rate changes from offspring to offspring: flips along an endless tape, in units of hazard.

The bits of all offspring stand behind each other on one tape (see :mod:`sim.kernels.sparse`). The way to the next flip is one
exponential variate on an account, of which every bit passed takes -log(1 - p) at its own offspring's rate
(:mod:`sim.kernels.hazard`): an offspring without flips costs one subtraction, and a change of rate nothing.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.hazard import hazard_of
from sim.kernels.random import FOREVER, exponential, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import (
    COUNTS_DECIDE,
    MEASURE,
    MONOTONE,
    OBSERVE,
    RANDOM_RATE,
    STRICT,
    adapt,
    first_rate,
    judge,
    measured,
    optimal,
    potentials,
    state_of,
    value,
)
from theory.jit import hook, kernel


@hook
def record_times(n, c, until, k, v, p, x, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], k, v, p, x, rows[noted])
        noted += 1
    return noted


@hook
def known_worse(m, ups):
    """Whether counts alone tell that an offspring with flips is worse."""
    if MONOTONE and COUNTS_DECIDE:
        return 2 * ups < m
    return MONOTONE and ups == 0


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x, memory, flips = np.empty(n, np.uint8), np.empty(4), np.empty(64, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        memory[:] = 0.0
        p = first_rate(uniform(s) if RANDOM_RATE else 0.0, settings, memory)
        account = exponential(s)
        code = OK
        t, since = 0, 0  # since: the offspring up to which rounds are counted by their state
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        done = optimal(k, v, target)
        while not done:
            if t & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if OBSERVE:
                noted = record_times(n, c, t, k, v, p, x, times, noted, trajectory[out])
            if t >= budget:
                code = CENSORED
                break
            t += 1
            hazard = hazard_of(p)
            m, ups, place, sign = 0, 0, 0, 0
            while account < (n - place) * hazard:
                place = min(place + np.int64(account / hazard), n - 1)  # the quotient may be rounded up to n
                if m == flips.size:
                    flips = twice_as_long(flips)
                flips[m] = place
                m += 1
                ups += 1 - x[place]
                place += 1
                account = exponential(s)
            account -= (n - place) * hazard
            if m > 0:
                if known_worse(m, ups):
                    sign = -1
                else:
                    if stop[0] != 0:  # a user's function may take long
                        code = INTERRUPTED
                        break
                    sign, after = judge(x, flips, m, ups, k, v, data)
                    if after != after:
                        code = NOT_A_NUMBER
                        break
                    if sign > 0 or (sign == 0 and not STRICT):
                        if MEASURE:
                            state = state_of(k, v)
                            record_stay(moves[out], state, t - since)
                            since = t
                            measured(n, c, t, k, v, p, x, earlier)
                        for j in range(m):
                            x[flips[j]] ^= 1
                        k += m - 2 * ups
                        v = after
                        if MEASURE:
                            measured(n, c, t, k, v, p, x, later)
                            record_move(moves[out], state, earlier, later)
                        if OBSERVE:
                            reached = record_hits(v, t, targets, reached, hits[out])
                        done = optimal(k, v, target)
            p = adapt(p, sign, uniform(s) if RANDOM_RATE else 0.0, n, c, t, settings, memory)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = evaluations[out]
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if code == NOT_A_NUMBER:
            record_bad(bad[out], t, k, v, np.nan)
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, k, v, p, x, times, noted, trajectory[out])
