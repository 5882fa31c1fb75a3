"""The lumped engine of problems whose fitness depends on k alone, where the mutation rate changes from offspring to offspring.

The chain of (k, rate), in O(1) memory. No round can be skipped, as the rate changes in all of them; a round without flips costs
one subtraction. The round's bits stand on an endless tape, the k zero-bits first, and flips are found in units of hazard
(:mod:`sim.kernels.hazard`). On strictly monotone problems a round ends where it has more downs than ups: the offspring is worse,
and the next round starts behind that down. Where the rule does not look at offspring (the rate is drawn), the one-bits of a round
without ups are not even looked at: the account, which has paid for the zero-bits alone, goes on to the next round.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.hazard import hazard_of
from sim.kernels.lumped_draws import half_binomial
from sim.kernels.random import FOREVER, exponential, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_hits, record_move, record_stay
from theory.hooks import (
    ADAPTIVE,
    MEASURE,
    MONOTONE,
    OBSERVE,
    RANDOM_RATE,
    STRICT,
    adapt,
    first_rate,
    level,
    measured,
    potentials,
    state_of,
)
from theory.jit import hook, kernel


@hook
def record_times(n, c, until, k, v, p, no_bits, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], k, v, p, no_bits, rows[noted])
        noted += 1
    return noted


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    memory, no_bits = np.empty(4), np.empty(0, np.uint8)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
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
        memory[:] = 0.0
        p = first_rate(uniform(s) if RANDOM_RATE else 0.0, settings, memory)
        account = exponential(s)
        code = OK
        t, since = np.int64(0), np.int64(0)  # since: the round up to which rounds are counted by their state
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while k > 0:
            if t & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if OBSERVE:
                noted = record_times(n, c, t, k, v, p, no_bits, times, noted, trajectory[out])
            if t >= budget:
                code = CENSORED
                break
            t += 1
            hazard = hazard_of(p)
            ups, downs, sign = 0, 0, 0
            width = k if MONOTONE and not ADAPTIVE else n  # of the bits that decide whether there is more to see
            if account < width * hazard:
                left = k
                while account < left * hazard:
                    left -= min(np.int64(account / hazard) + 1, left)  # the quotient may be rounded up
                    ups += 1
                    account = exponential(s)
                account -= left * hazard
                left = n - k
                while not (MONOTONE and downs > ups) and account < left * hazard:
                    left -= min(np.int64(account / hazard) + 1, left)
                    downs += 1
                    account = exponential(s)
                if MONOTONE and downs > ups:
                    sign = -1
                else:
                    account -= left * hazard
                    after = k - ups + downs
                    now = level(after, n, data)
                    sign = (now > v) - (now < v)
                    if after != k and (sign > 0 or (sign == 0 and not STRICT)):
                        if MEASURE:
                            state = state_of(k, v)
                            record_stay(moves[out], state, t - since)
                            since = t
                            measured(n, c, t, k, v, p, no_bits, earlier)
                        k = after
                        v = now
                        if MEASURE:
                            measured(n, c, t, k, v, p, no_bits, later)
                            record_move(moves[out], state, earlier, later)
                        if OBSERVE:
                            reached = record_hits(v, t, targets, reached, hits[out])
            else:
                account -= width * hazard
            p = adapt(p, sign, uniform(s) if RANDOM_RATE else 0.0, n, c, t, settings, memory)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = evaluations[out]
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, k, v, p, no_bits, times, noted, trajectory[out])
