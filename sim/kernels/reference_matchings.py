"""The reference engine for matchings: each of n coins shows an elementary step with probability p (RLS: ``FLIPS`` steps).

As in :mod:`sim.kernels.reference`, an offspring is a copy that is changed and evaluated from nothing. A step lists the partners
that an end could get.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, OK
from sim.kernels.matchings import draw_matchings
from sim.kernels.random import below, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import (
    CHECK_RATE,
    FLIPS,
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
from theory.jit import hook, kernel


@hook
def change(s, y, data, others):
    """A uniform end gets a uniform new partner of the same vertex; their old partners are paired."""
    e = below(s, y.size)
    count = 0
    for f in range(y.size):
        if data[2, f] == data[2, e] and f != e and f != y[e]:
            others[count] = f
            count += 1
    if count > 0:
        f = others[below(s, count)]
        g, h = y[e], y[f]
        y[e] = f
        y[f] = e
        y[g] = h
        y[h] = g


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x, y, others = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    k = 0  # matchings have no zero-bits
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        draw_matchings(s, x, data, others)
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
            for e in range(2 * n):
                y[e] = x[e]
            for i in range(n):
                if i < FLIPS if FLIPS > 0 else uniform(s) < p:
                    change(s, y, data, others)
            after = value(y, data)
            if MEASURE:
                record_stay(moves[out], state_of(k, v), 1)
            if after > v or (after == v and not STRICT):
                if MEASURE:
                    state = state_of(k, v)
                    measured(n, c, t, k, v, p, x, earlier)
                for e in range(2 * n):
                    x[e] = y[e]
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
