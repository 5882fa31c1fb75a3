"""The reference engine of the (1+lambda) and the (1,lambda) EA: every bit of every offspring, one after the other.

Definitions: :mod:`theory.algorithms.one_plus_lambda` and :mod:`theory.algorithms.one_comma_lambda` (``COMMA``). It uses the hooks
``value`` and ``compare`` and never ``judge``: it is the oracle for the other engines. ``settings`` is [lambda], with
``SUCCESS_RULE`` [first lambda, its factor after a success, its factor otherwise, its maximum]; for potentials p is then lambda.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, NOT_A_NUMBER, OK
from sim.kernels.random import FOREVER, below, seed_stream, uniform
from sim.kernels.record import copy_into, record_all_hits, record_bad, record_hits, record_move, record_stay
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    COMMA,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    SUCCESS_RULE,
    compare,
    measured,
    optimal,
    rate,
    record_times,
    state_of,
    value,
)
from theory.jit import kernel

HALF = 0.5 + 1e-9  # a lambda that is a half but for rounding errors is rounded upwards


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x, y, best = np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.uint8)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        t, made = 0, 0  # offspring, generations
        lam = settings[0]
        done = optimal(k, v, target)
        while not done:
            if t >= budget:
                code = CENSORED
                break
            if not STATIC_RATE:
                p = rate(n, c, t + 1, k, v, p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    code = BAD_RATE
                    record_bad(bad[out], t + 1, k, v, p)
                    break
            made += 1
            offspring = np.int64(math.floor(lam + HALF))
            ties, j, k_best, v_best = 0, 0, k, v
            while j < offspring and t < budget and not done:
                if stop[0] != 0:
                    code = INTERRUPTED
                    break
                j += 1
                t += 1
                zeros = n
                for i in range(n):
                    y[i] = 1 - x[i] if uniform(s) < p else x[i]
                    zeros -= y[i]
                after = value(y, data)
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], t, k, v, np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(after, t, targets, reached, hits[out])
                done = optimal(zeros, after, target)
                sign = 1 if ties == 0 or done else compare(y, best, data)
                if sign == 0:
                    ties += 1
                    sign = 1 if below(s, ties) == 0 else 0
                elif sign > 0:
                    ties = 1
                if sign > 0:
                    copy_into(best, y)
                    k_best, v_best = zeros, after
            if code != OK:
                break
            if j < offspring and not done:  # the budget cuts the generation off
                code = CENSORED
                break
            sign = compare(best, x, data)
            if MEASURE:
                state = state_of(k, v)
                record_stay(moves[out], state, 1)
            if OBSERVE:
                noted = record_times(n, c, t, k, v, lam, x, times, noted, trajectory[out])
            if SUCCESS_RULE and not done:
                lam = max(lam * settings[1], 1.0) if sign > 0 else min(lam * settings[2], settings[3])
            if done or COMMA or sign > 0 or (sign == 0 and not STRICT):
                if MEASURE:
                    measured(n, c, t, k, v, p, x, earlier)
                copy_into(x, best)
                k, v = k_best, v_best
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = made
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, lam, x, times, noted, trajectory[out])
