"""The event engine where each position has its own rate: on strictly monotone functions only the rounds with an up are made.

As :mod:`sim.kernels.event`: an offspring without an up is rejected. A round has no up with probability exp(-W), W the sum of the
hazards of the zero-bits, which stand in a tree that follows x (see :mod:`sim.kernels.hazard_tree`); in the next round the
ups are walked through in that tree, given that there is one, and the downs in the tree of all positions, passing over zero-bits.
``settings`` holds the rates p_1 .. p_n. One event costs O(log n) for each flip on either walk.
"""

from __future__ import annotations

import numpy as np

from sim.kernels.codes import CENSORED, ENDLESS, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.hazard_tree import hazards_of, next_flip, plant_tree, set_hazard, step_within
from sim.kernels.random import FOREVER, exponential, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import MEASURE, OBSERVE, STRICT, judge, measured, optimal, record_times, state_of, value
from theory.jit import kernel


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    flips = np.empty(64, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    hazards = hazards_of(settings)
    everything = plant_tree(hazards, x, 2)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        zeros = plant_tree(hazards, x, 0)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        t, rounds = np.int64(0), np.int64(0)
        since = np.int64(0)  # the generation up to which the rounds are counted by their state
        while not optimal(k, v, target):
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            wait = failures(s, zeros[1])
            if wait >= budget - t:
                code = ENDLESS if wait >= FOREVER else CENSORED
                break
            t += wait + 1
            ups, m = 0, 0
            place = next_flip(zeros, 0, step_within(s, zeros[1]))
            while place < n:
                if m == flips.size:
                    flips = twice_as_long(flips)
                flips[m] = place
                m += 1
                place = next_flip(zeros, place + 1, exponential(s))
            ups = m
            place = next_flip(everything, 0, exponential(s))
            while place < n:
                if x[place] == 1:
                    if m == flips.size:
                        flips = twice_as_long(flips)
                    flips[m] = place
                    m += 1
                place = next_flip(everything, place + 1, exponential(s))
            sign, after = judge(x, flips, m, ups, k, v, data)
            if after != after:
                code = NOT_A_NUMBER
                break
            if sign > 0 or (sign == 0 and not STRICT):
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, x, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, x, earlier)
                for j in range(m):
                    x[flips[j]] ^= 1
                    set_hazard(zeros, flips[j], hazards[flips[j]] if j >= ups else 0.0)
                k += m - 2 * ups
                v = after
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
                if OBSERVE:
                    reached = record_hits(v, t, targets, reached, hits[out])
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if MEASURE and code >= CENSORED and code <= ENDLESS:
            record_stay(moves[out], state_of(k, v), budget - since)
        if code == NOT_A_NUMBER:
            record_bad(bad[out], t, k, v, np.nan)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, p, x, times, noted, trajectory[out])
