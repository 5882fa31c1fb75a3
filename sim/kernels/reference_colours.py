"""The reference engine for words: each letter is replaced with probability p by another one, uniformly (RLS: ``FLIPS`` letters).

As in :mod:`sim.kernels.reference`, an offspring is made letter by letter and evaluated from nothing.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, OK
from sim.kernels.random import below, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from sim.kernels.words import draw_word
from theory.hooks import (
    CHECK_RATE,
    FLIPS,
    LETTERS,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    measured,
    optimal,
    potentials,
    rate,
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
    x, y = np.empty(n, np.uint8), np.empty(n, np.uint8)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    k = 0  # words have no zero-bits
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        draw_word(s, x, LETTERS, start_kind, start_bits)
        v = value(x, data)
        t, code = 0, OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while not optimal(k, v, target):
            if OBSERVE:
                while noted < times.size and times[noted] <= t:
                    potentials(n, c, times[noted], k, v, p, x, trajectory[out, noted])
                    noted += 1
            if t >= budget:
                code = CENSORED
                break
            if stop[0] != 0:
                code = INTERRUPTED
                break
            t += 1
            if not STATIC_RATE:
                p = rate(n, c, t, k, v, p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    record_bad(bad[out], t, k, v, p)
                    code = BAD_RATE
                    break
            missing = FLIPS
            for i in range(n):
                y[i] = x[i]
                chance = p if FLIPS == 0 else missing / (n - i)  # selection sampling
                if uniform(s) < chance:
                    missing -= 1
                    while y[i] == x[i]:
                        y[i] = below(s, LETTERS)
            after = value(y, data)
            if MEASURE:
                record_stay(moves[out], state_of(k, v), 1)
            if after > v or (after == v and not STRICT):
                if MEASURE:
                    state = state_of(k, v)
                    measured(n, c, t, k, v, p, x, earlier)
                for i in range(n):
                    x[i] = y[i]
                v = after
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
                if OBSERVE:
                    reached = record_hits(v, t, targets, reached, hits[out])
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            while noted < times.size:
                potentials(n, c, times[noted], k, v, p, x, trajectory[out, noted])
                noted += 1
