"""The sparse engine of the compact genetic algorithm: positions at a border cost nothing unless they deviate.

Definition: :mod:`theory.algorithms.compact_ga`; sampling: :mod:`sim.kernels.frequencies`; ``settings`` is [K, 1 if there are
borders]. A sample is made as the set of positions in which it differs from the one before: the first sample x from the current
point, the second sample y from x. So the hook ``judge`` gives the fitness of each and the sign of f(y) - f(x), and the
frequencies move in these positions alone. The current point becomes x or y in place.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.frequencies import expected_zeros, move_in_order, next_sample, put_in_order, threshold
from sim.kernels.offspring import flip, ups_in
from sim.kernels.random import FOREVER, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import (
    MEASURE,
    OBSERVE,
    TRACK_VALUE,
    VALUES_DECIDE,
    judge,
    measured,
    optimal,
    potentials,
    state_of,
    value,
)
from theory.jit import hook, kernel


@hook
def record_times(n, c, before, known, k, v, q, parts, x, times, done, rows):
    """Note the potentials of the current point, where there is one, at the times left before sample ``before``."""
    while done < times.size and times[done] < before:
        if known:
            potentials(n, c, times[done], k, v, expected_zeros(q, parts), x, rows[done])
        done += 1
    return done


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    size = np.int64(settings[0])
    parts, step = 2 * n * size, 2 * n
    low = 2 * size if settings[1] > 0.0 else 0
    high = parts - low
    hazard, scale = -math.log1p(-low / parts), 9007199254740992.0 / parts
    x, q, thresholds = np.empty(n, np.uint8), np.empty(n, np.int64), np.empty(n, np.int64)
    order, place, flips = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n + 1, np.int64)
    odd, fresh, changed = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(64, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        q[:] = parts // 2
        thresholds[:] = threshold(parts // 2, scale)
        middle = put_in_order(q, low, high, order)
        for j in range(n):
            place[order[j]] = j
        gap = failures(s, hazard)
        x[:] = 1  # no sample, only what the first one is described by: at a border q = high, so that nothing deviates
        k, v, odds = 0, value(x, data), 0
        known = False  # whether there is a current point
        code = OK
        reached, noted = 0, 0
        t, rounds = 0, 0  # samples, generations
        done = False
        while not done:
            if t >= budget:
                code = CENSORED
                break
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if OBSERVE:  # before x becomes another point; the row of time t + 1 is written again if that sample is optimal
                noted = record_times(n, c, min(t + 2, budget + 1), known, k, v, q, parts, x, times, noted, trajectory[out])
            state = state_of(k, v)
            if MEASURE and known:
                measured(n, c, t, k, v, 0.0, x, earlier)
            j, m, sign = 0, 0, 0
            while j < 2 and t < budget and not done:
                j += 1
                t += 1
                m, count, gap, changed = next_sample(
                    s, x, order, middle, thresholds, gap, hazard, odd, odds, fresh, changed, flips
                )
                ups = ups_in(x, flips, m)
                sign, after = judge(x, flips, m, ups, k, v, data)
                zeros = k + m - 2 * ups
                better = j == 1 or sign > 0
                if TRACK_VALUE and not VALUES_DECIDE:  # sums of differences would add up their roundings
                    flip(x, flips, m)
                    after = value(x, data)
                    if not better:
                        flip(x, flips, m)
                elif better:
                    flip(x, flips, m)
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], t, zeros, after, np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(after, t, targets, reached, hits[out])
                done = optimal(zeros, after, target)
                if better:
                    k, v, odds = zeros, after, count
                    odd, fresh = fresh, odd
            if code != OK:
                break
            if j < 2 and not done:  # the budget cuts the generation off
                code = CENSORED
                break
            if MEASURE and known:
                measured(n, c, t, k, v, 0.0, x, later)
                record_stay(moves[out], state, 1)
                record_move(moves[out], state, earlier, later)
            known = True
            if done:
                while noted > 0 and times[noted - 1] >= t:
                    noted -= 1
                break
            for j in range(m):  # where the samples differ; x is the better one
                i = flips[j]
                q[i] = min(max(q[i] + (2 * np.int64(x[i]) - 1) * step, low), high)
                thresholds[i] = threshold(q[i], scale)
                middle = move_in_order(order, place, middle, i, low < q[i] < high)
            left = 0
            for j in range(odds):
                i = odd[j]
                if place[i] >= middle and (x[i] == 1) != (q[i] == high):
                    odd[left] = i
                    left += 1
            odds = left
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = rounds
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            end = FOREVER if code == OK else budget + 1
            record_times(n, c, end, known, k, v, q, parts, x, times, noted, trajectory[out])
