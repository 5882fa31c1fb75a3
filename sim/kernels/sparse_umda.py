"""The sparse engine of UMDA: positions at a border are drawn only where they deviate.

Definition: :mod:`theory.algorithms.umda`; sampling: :mod:`sim.kernels.frequencies`; ``settings`` is [mu, lambda, 1 if there are
borders]. A sample is made as the set of positions in which it differs from the one before, and stored as a row. The mu best are
found by quickselect. Among equally good samples the earlier ones are selected; this has the law of a uniform choice, because the
samples of a generation are independent with one law.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.frequencies import expected_zeros, next_sample, put_in_order, threshold
from sim.kernels.offspring import flip, ups_in
from sim.kernels.random import FOREVER, failures, seed_stream
from sim.kernels.record import copy_into, record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import (
    MEASURE,
    OBSERVE,
    TRACK_VALUE,
    VALUES_DECIDE,
    compare,
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


@hook
def precedes(a, b, samples, fitness, data):
    """Whether sample a is better than sample b, or as good and earlier."""
    if VALUES_DECIDE:
        sign = (fitness[a] > fitness[b]) - (fitness[a] < fitness[b])
    else:
        sign = compare(samples[a], samples[b], data)
    return sign > 0 or (sign == 0 and a < b)


@hook
def select(order, mu, samples, fitness, data):
    """Arrange ``order`` so that the mu best samples come first (Hoare's quickselect)."""
    low, high = 0, order.size - 1
    while low < high:
        pivot = order[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while precedes(order[i], pivot, samples, fitness, data):
                i += 1
            while precedes(pivot, order[j], samples, fitness, data):
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if mu - 1 <= j:
            high = j
        elif mu - 1 >= i:
            low = i
        else:
            break


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    mu, lam = np.int64(settings[0]), np.int64(settings[1])
    parts = 2 * n * mu
    low = 2 * mu if settings[2] > 0.0 else 0
    high = parts - low
    hazard, scale = -math.log1p(-low / parts), 9007199254740992.0 / parts
    x, q, thresholds = np.ones(n, np.uint8), np.empty(n, np.int64), np.empty(n, np.int64)
    order, flips = np.empty(n, np.int64), np.empty(n + 1, np.int64)
    odd, fresh, changed = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(64, np.int64)
    point, samples = np.empty(n, np.uint8), np.empty((lam, n), np.uint8)
    zeros, fitness = np.empty(lam, np.int64), np.full(lam, value(x, data))
    ranks, ones = np.empty(lam, np.int64), np.empty(n, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        q[:] = parts // 2
        gap = failures(s, hazard)
        x[:] = 1  # no sample, only what the first one is described by
        k, v, k_last = 0, fitness[0], 0
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
            middle = put_in_order(q, low, high, order)
            for j in range(middle):
                thresholds[order[j]] = threshold(q[order[j]], scale)
            odds = 0
            for j in range(middle, n):
                i = order[j]
                if (x[i] == 1) != (q[i] == high):
                    odd[odds] = i
                    odds += 1
            v_last = value(x, data)  # x is the last sample of the last generation
            j = 0
            while j < lam and t < budget and not done:
                if t & POLL == 0 and stop[0] != 0:
                    code = INTERRUPTED
                    break
                t += 1
                m, odds, gap, changed = next_sample(
                    s, x, order, middle, thresholds, gap, hazard, odd, odds, fresh, changed, flips
                )
                odd, fresh = fresh, odd
                ups = ups_in(x, flips, m)
                _, after = judge(x, flips, m, ups, k_last, v_last, data)
                flip(x, flips, m)
                if TRACK_VALUE and not VALUES_DECIDE:  # sums of differences would add up their roundings
                    after = value(x, data)
                k_last, v_last = k_last + m - 2 * ups, after
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], t, k_last, after, np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(after, t, targets, reached, hits[out])
                done = optimal(k_last, after, target)
                samples[j] = x
                zeros[j], fitness[j] = k_last, after
                j += 1
            if code != OK:
                break
            if j < lam and not done:  # the budget cuts the generation off
                code = CENSORED
                break
            best = j - 1
            if not done:
                for j in range(lam):
                    ranks[j] = j
                select(ranks, mu, samples, fitness, data)
                best = ranks[0]
                for j in range(1, mu):
                    if precedes(ranks[j], best, samples, fitness, data):
                        best = ranks[j]
            if OBSERVE:
                noted = record_times(n, c, t, known, k, v, q, parts, point, times, noted, trajectory[out])
            state = state_of(k, v)
            if MEASURE and known:
                record_stay(moves[out], state, 1)
                measured(n, c, t, k, v, 0.0, point, earlier)
            if OBSERVE or MEASURE:
                copy_into(point, samples[best])
            k, v = zeros[best], fitness[best]
            if MEASURE and known:
                measured(n, c, t, k, v, 0.0, point, later)
                record_move(moves[out], state, earlier, later)
            known = True
            if not done:
                ones[:] = 0
                for j in range(mu):
                    ones += samples[ranks[j]]
                for i in range(n):
                    q[i] = min(max(ones[i] * (2 * n), low), high)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = rounds
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            end = FOREVER if code == OK else budget + 1
            record_times(n, c, end, known, k, v, q, parts, point, times, noted, trajectory[out])
