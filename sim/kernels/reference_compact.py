"""The reference engine of the compact genetic algorithm: every bit of both samples, one after the other.

Definition: :mod:`theory.algorithms.compact_ga`. It uses the hooks ``value`` and ``compare`` and never ``judge``: it is the oracle
for the other engine. ``settings`` is [K, 1 if there are borders]. Frequencies are q[i] / parts with parts = 2 n K, so that 1/K,
1/n and 1/2 are whole numbers of parts.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK
from sim.kernels.frequencies import expected_zeros
from sim.kernels.random import FOREVER, seed_stream, uniform
from sim.kernels.record import copy_into, record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import MEASURE, OBSERVE, compare, measured, optimal, potentials, state_of, value
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
    x, pair, q = np.zeros(n, np.uint8), np.empty((2, n), np.uint8), np.empty(n, np.int64)
    zeros, fitness = np.empty(2, np.int64), np.full(2, value(x, data))  # of the two samples
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        q[:] = parts // 2
        k, v = n, fitness[0]
        known = False  # whether there is a current point
        code = OK
        reached, noted = 0, 0
        t, made = 0, 0  # samples, generations
        done = False
        while not done:
            if t >= budget:
                code = CENSORED
                break
            if stop[0] != 0:
                code = INTERRUPTED
                break
            made += 1
            j = 0
            while j < 2 and t < budget and not done:
                t += 1
                zeros[j] = n
                for i in range(n):
                    pair[j, i] = uniform(s) < q[i] / parts
                    zeros[j] -= pair[j, i]
                fitness[j] = value(pair[j], data)
                if fitness[j] != fitness[j]:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], t, zeros[j], fitness[j], np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(fitness[j], t, targets, reached, hits[out])
                done = optimal(zeros[j], fitness[j], target)
                j += 1
            if code != OK:
                break
            if j < 2 and not done:  # the budget cuts the generation off
                code = CENSORED
                break
            best = j - 1 if done or compare(pair[1], pair[0], data) > 0 else 0
            if OBSERVE:
                noted = record_times(n, c, t, known, k, v, q, parts, x, times, noted, trajectory[out])
            state = state_of(k, v)
            if MEASURE and known:
                record_stay(moves[out], state, 1)
                measured(n, c, t, k, v, 0.0, x, earlier)
            copy_into(x, pair[best])
            k, v = zeros[best], fitness[best]
            if MEASURE and known:
                measured(n, c, t, k, v, 0.0, x, later)
                record_move(moves[out], state, earlier, later)
            known = True
            if not done:
                for i in range(n):
                    q[i] += step * (np.int64(x[i]) - np.int64(pair[1 - best, i]))
                    q[i] = min(max(q[i], low), high)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = made
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            end = FOREVER if code == OK else budget + 1
            record_times(n, c, end, known, k, v, q, parts, x, times, noted, trajectory[out])
