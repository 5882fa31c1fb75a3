"""The reference engine of UMDA: every bit of every sample, one after the other, and the best ones picked one by one.

Definition: :mod:`theory.algorithms.umda`. It uses the hooks ``value`` and ``compare`` and never ``judge``: it is the oracle for
the other engine. ``settings`` is [mu, lambda, 1 if there are borders]. Frequencies are q[i] / parts with parts = 2 n mu, so that
1/mu, 1/n and 1/2 are whole numbers of parts.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, INTERRUPTED, NOT_A_NUMBER, OK
from sim.kernels.frequencies import expected_zeros
from sim.kernels.random import FOREVER, below, seed_stream, uniform
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


@hook
def pick_best(s, samples, order, picked, data):
    """Put one of the best samples of ``order[picked:]``, uniform among equals, at ``order[picked]``."""
    best, ties = picked, 1
    for j in range(picked + 1, order.size):
        sign = compare(samples[order[j]], samples[order[best]], data)
        if sign > 0:
            best, ties = j, 1
        elif sign == 0:
            ties += 1
            if below(s, ties) == 0:
                best = j
    order[picked], order[best] = order[best], order[picked]


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
    x, samples, q = np.zeros(n, np.uint8), np.empty((lam, n), np.uint8), np.empty(n, np.int64)
    zeros, fitness = np.empty(lam, np.int64), np.full(lam, value(x, data))
    order = np.empty(lam, np.int64)
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
            made += 1
            j = 0
            while j < lam and t < budget and not done:
                if stop[0] != 0:
                    code = INTERRUPTED
                    break
                t += 1
                zeros[j] = n
                for i in range(n):
                    samples[j, i] = uniform(s) < q[i] / parts
                    zeros[j] -= samples[j, i]
                fitness[j] = value(samples[j], data)
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
            if j < lam and not done:  # the budget cuts the generation off
                code = CENSORED
                break
            if done:
                order[0] = j - 1
            else:
                for j in range(lam):
                    order[j] = j
                for j in range(mu):
                    pick_best(s, samples, order, j, data)
            if OBSERVE:
                noted = record_times(n, c, t, known, k, v, q, parts, x, times, noted, trajectory[out])
            state = state_of(k, v)
            if MEASURE and known:
                record_stay(moves[out], state, 1)
                measured(n, c, t, k, v, 0.0, x, earlier)
            copy_into(x, samples[order[0]])
            k, v = zeros[order[0]], fitness[order[0]]
            if MEASURE and known:
                measured(n, c, t, k, v, 0.0, x, later)
                record_move(moves[out], state, earlier, later)
            known = True
            if not done:
                for i in range(n):
                    ones = 0
                    for j in range(mu):
                        ones += samples[order[j], i]
                    q[i] = min(max(ones * (2 * n), low), high)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = made
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            end = FOREVER if code == OK else budget + 1
            record_times(n, c, end, known, k, v, q, parts, x, times, noted, trajectory[out])
