"""The sparse engine of the two-rate (1+lambda) EA: flips along an endless tape, in units of hazard; the best by its flips alone.

Offspring are lists of flips of the one parent, in ascending order. Two of them differ where exactly one of them flips, and
``judge`` compares them exactly on that symmetric difference, with the best one's flips put on x for the moment.
``settings`` is (r/n of the first generation, lambda).
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.hazard import hazard_of
from sim.kernels.random import FOREVER, below, exponential, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from sim.kernels.two_rate import next_rate
from theory.hooks import COUNTS_DECIDE, MEASURE, OBSERVE, judge, measured, optimal, potentials, state_of, value
from theory.jit import hook, kernel


@hook
def record_times(n, c, until, k, v, p, x, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], k, v, p, x, rows[noted])
        noted += 1
    return noted


@hook
def toggle(x, flips, m):
    """Flip the positions."""
    for j in range(m):
        x[flips[j]] ^= 1


@hook
def difference(one, m, other, size, both):
    """Write the positions that stand in exactly one of two ascending lists into ``both``; returns how many they are."""
    i, j, found = 0, 0, 0
    while i < m or j < size:
        if j == size or (i < m and one[i] < other[j]):
            both[found] = one[i]
            i += 1
            found += 1
        elif i == m or other[j] < one[i]:
            both[found] = other[j]
            j += 1
            found += 1
        else:
            i += 1
            j += 1
    return found


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    flips, best, both = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(128, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    lam = np.int64(settings[1])
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        p = settings[0]
        account = exponential(s)
        code = OK
        t, generation = 0, 0
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        done = optimal(k, v, target)
        while not done:
            if generation & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            generation += 1
            size, best_k, best_v, best_sign, ties, high = 0, k, v, 0, 0, False  # of the best offspring; size: its flips
            for j in range(lam):
                if t >= budget:
                    code = CENSORED
                    break
                t += 1
                hazard = hazard_of(0.5 * p if 2 * j < lam else 2.0 * p)
                m, ups, place, sign, after = 0, 0, 0, 0, v
                while account < (n - place) * hazard:
                    place = min(place + np.int64(account / hazard), n - 1)  # the quotient may be rounded up to n
                    if m == flips.size:
                        flips, best, both = twice_as_long(flips), twice_as_long(best), twice_as_long(both)
                    flips[m] = place
                    m += 1
                    ups += 1 - x[place]
                    place += 1
                    account = exponential(s)
                account -= (n - place) * hazard
                if m > 0:
                    if stop[0] != 0:  # a user's function may take long
                        code = INTERRUPTED
                        break
                    sign, after = judge(x, flips, m, ups, k, v, data)
                    if after != after:
                        code = NOT_A_NUMBER
                        break
                if OBSERVE:
                    reached = record_hits(after, t, targets, reached, hits[out])
                done = optimal(k + m - 2 * ups, after, target)
                if ties == 0 or done:
                    against = 1
                elif COUNTS_DECIDE:
                    against = (after > best_v) - (after < best_v)
                elif sign != best_sign:
                    against = sign - best_sign
                else:
                    toggle(x, best, size)
                    d = difference(flips, m, best, size, both)
                    up = 0
                    for i in range(d):
                        up += 1 - x[both[i]]
                    against = 0
                    if d > 0:
                        against, after = judge(x, both, d, up, best_k, best_v, data)
                    toggle(x, best, size)
                ties = 1 if against > 0 else ties + (against == 0)
                if against > 0 or (against == 0 and below(s, ties) == 0):
                    flips, best = best, flips
                    size, best_k, best_v, best_sign, high = m, k + m - 2 * ups, after, sign, 2 * j >= lam
                if done:
                    break
            if OBSERVE:  # the point changes at the end of the generation
                noted = record_times(n, c, t if code != OK else t - 1, k, v, p, x, times, noted, trajectory[out])
            if code != OK:
                break
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, 1)
            if best_sign >= 0:
                if MEASURE:
                    measured(n, c, t, k, v, p, x, earlier)
                toggle(x, best, size)
                k = best_k
                v = best_v
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
            if not done:
                p = next_rate(s, p, high, n)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = generation
        if code == NOT_A_NUMBER:
            record_bad(bad[out], t, k, v, np.nan)
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, k, v, p, x, times, noted, trajectory[out])
