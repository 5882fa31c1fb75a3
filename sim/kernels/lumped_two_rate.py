"""The lumped engine of the two-rate (1+lambda) EA where fitness depends on k alone: the chain of (k, r), in O(1) memory.

Flips stand on an endless tape, offspring behind offspring and the k zero-bits of each first, and are found in units of hazard
(:mod:`sim.kernels.hazard`). ``settings`` is (r/n of the first generation, lambda).
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.hazard import hazard_of
from sim.kernels.lumped_draws import half_binomial
from sim.kernels.random import FOREVER, below, exponential, seed_stream
from sim.kernels.record import record_all_hits, record_hits, record_move, record_stay
from sim.kernels.two_rate import next_rate
from theory.hooks import MEASURE, OBSERVE, level, measured, potentials, state_of
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
    no_bits = np.empty(0, np.uint8)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    lam = np.int64(settings[1])
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
        p = settings[0]
        account = exponential(s)
        code = OK
        t, generation = np.int64(0), np.int64(0)
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while k > 0:
            if generation & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            generation += 1
            best, best_k, ties, high = v, k, 0, False
            for j in range(lam):
                if t >= budget:
                    code = CENSORED
                    break
                t += 1
                hazard = hazard_of(0.5 * p if 2 * j < lam else 2.0 * p)
                after = k
                if account < n * hazard:
                    left = k
                    while account < left * hazard:
                        left -= min(np.int64(account / hazard) + 1, left)  # the quotient may be rounded up
                        after -= 1
                        account = exponential(s)
                    account -= left * hazard
                    left = n - k
                    while account < left * hazard:
                        left -= min(np.int64(account / hazard) + 1, left)
                        after += 1
                        account = exponential(s)
                    account -= left * hazard
                else:
                    account -= n * hazard
                now = level(after, n, data)
                if OBSERVE:
                    reached = record_hits(now, t, targets, reached, hits[out])
                if after == 0 or ties == 0 or now > best:
                    best, best_k, ties, high = now, after, 1, 2 * j >= lam
                    if after == 0:
                        break
                elif now == best:
                    ties += 1
                    if below(s, ties) == 0:
                        best_k, high = after, 2 * j >= lam
            if OBSERVE:  # the point changes at the end of the generation
                noted = record_times(n, c, t if code != OK else t - 1, k, v, p, no_bits, times, noted, trajectory[out])
            if code != OK:
                break
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, 1)
            if best >= v and best_k != k:
                if MEASURE:
                    measured(n, c, t, k, v, p, no_bits, earlier)
                k = best_k
                v = best
                if MEASURE:
                    measured(n, c, t, k, v, p, no_bits, later)
                    record_move(moves[out], state, earlier, later)
            if k > 0:
                p = next_rate(s, p, high, n)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = generation
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, k, v, p, no_bits, times, noted, trajectory[out])
