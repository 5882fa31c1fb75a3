"""The sparse engine of the (mu+1) EA: one geometric jump for each flipped bit, and copies that share their bits.

Definition: :mod:`theory.algorithms.mu_plus_one`; ``settings`` is [mu]. The bits of all offspring stand behind each other on one
tape, n of them a generation (see :mod:`sim.kernels.sparse`); a rate that depends on more than n and c has a fresh jump in each
generation. An offspring in which nothing flips is a copy of its parent and may well replace a worse point, so it counts; but
points that are copies of each other share one row of ``bits``, so that a copy costs no more than a number, and while all are
copies of one, further copies are skipped.

``rank`` orders the population: a point is better than another one if its rank is higher, as good if it is equal. Where values are
exact they are the ranks. Elsewhere ranks are whole numbers without gaps in their order, found by exact comparison, first with the
parent and then, only for offspring that may be kept, with points between those whose order is known.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, NOT_A_NUMBER, OK, POLL
from sim.kernels.offspring import flip
from sim.kernels.random import FOREVER, below, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    VALUES_DECIDE,
    compare,
    judge,
    measured,
    optimal,
    rate,
    record_times,
    state_of,
    value,
)
from theory.jit import hook, kernel


@hook
def look_up(y, bits, slot, rank, size, above, under, data):
    """Where y belongs among the first ``size`` points, strictly between two ranks: (its rank or the one below, known)."""
    for i in range(size):
        if above < rank[i] and rank[i] < under:
            sign = compare(y, bits[slot[i]], data)
            if sign == 0:
                return rank[i], True
            if sign > 0:
                above = rank[i]
            else:
                under = rank[i]
    return above, False


@hook
def make_room(rank, size, above):
    """A new rank directly above this one."""
    for i in range(size):
        if rank[i] > above:
            rank[i] += 1
    return above + 1


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    mu = np.int64(settings[0])
    bits, flips = np.empty((mu, n), np.uint8), np.empty(64, np.int64)
    slot, users, unused = np.empty(mu, np.int64), np.empty(mu, np.int64), np.empty(mu, np.int64)
    zeros = np.empty(mu, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    hazard = -math.log1p(-p)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        draw_start(s, bits[0], start_kind, start_zeros, start_bits)
        v = value(bits[0], data)
        values = np.full(mu, v)
        rank = values if VALUES_DECIDE else np.zeros_like(values)
        champion, done = 0, False
        for i in range(mu):
            if i > 0:
                draw_start(s, bits[i], start_kind, start_zeros, start_bits)
            values[i] = value(bits[i], data)
            zeros[i] = n - bits[i].sum()
            done = done or optimal(zeros[i], values[i], target)
            slot[i], users[i] = i, 1
            if not VALUES_DECIDE:
                place, known = look_up(bits[i], bits, slot, rank, i, rank[champion] * 0 - 1, rank[champion] + mu + 1, data)
                rank[i] = place if known else make_room(rank, i, place)
            if rank[i] >= rank[champion]:
                champion = i
        rows_left = 0  # rows that nobody uses are unused[:rows_left]
        low = rank.min()
        lowest = (rank == low).sum()  # how many points are worst
        k, v = zeros[champion], values[champion]
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        t, rounds, since = 0, 0, 0
        jump = failures(s, hazard) if STATIC_RATE else np.int64(0)  # bits of this generation to pass before the next flip
        while not done:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if STATIC_RATE and users[slot[0]] == mu:
                t += jump // n
                jump %= n
            t += 1
            if t > budget:
                code = CENSORED
                break
            a = below(s, mu)
            x = bits[slot[a]]
            if not STATIC_RATE:
                p = rate(n, c, t, zeros[a], values[a], p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    code = BAD_RATE
                    record_bad(bad[out], t, zeros[a], values[a], p)
                    break
                hazard = -math.log1p(-p)
                jump = failures(s, hazard)
            m, ups = 0, 0
            while jump < n:
                if m == flips.size:
                    flips = twice_as_long(flips)
                flips[m] = jump
                m += 1
                ups += 1 - x[jump]
                jump += 1 + failures(s, hazard)
            jump -= n
            after, place = values[a], rank[a]
            if m > 0:
                if stop[0] != 0:  # a user's function may take long
                    code = INTERRUPTED
                    break
                sign, after = judge(x, flips, m, ups, zeros[a], values[a], data)
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], t, zeros[a], values[a], np.nan)
                    break
                if OBSERVE:
                    reached = record_hits(after, t, targets, reached, hits[out])
                if VALUES_DECIDE:
                    place = after
                elif sign < 0 and place == low:
                    place -= 1
                elif sign != 0:
                    above, under = (place, rank[champion] + 1) if sign > 0 else (low - 1, place)
                    flip(x, flips, m)  # y; the points it is compared with have other rows, since their rank isn't the parent's
                    place, known = look_up(x, bits, slot, rank, mu, above, under, data)
                    flip(x, flips, m)
                    if not known and place >= low:
                        place = make_room(rank, mu, place)
            if place < low:
                continue
            better = place >= rank[champion]
            if better:
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, bits[slot[champion]], times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, bits[slot[champion]], earlier)
            i = below(s, mu)
            while rank[i] != low:
                i = below(s, mu)
            source = slot[a]
            row = source
            if m == 0:
                users[source] += 1
            users[slot[i]] -= 1
            if users[slot[i]] == 0:
                unused[rows_left] = slot[i]
                rows_left += 1
            if m > 0:
                rows_left -= 1
                row = unused[rows_left]
                users[row] = 1
                if row != source:
                    bits[row] = bits[source]
                flip(bits[row], flips, m)
            slot[i] = row
            zeros[i], values[i] = zeros[a] + m - 2 * ups, after
            rank[i] = place
            lowest -= place != low
            if lowest == 0:
                low = rank.min()
                lowest = (rank == low).sum()
            if better:
                champion, k, v = i, zeros[i], after
                if MEASURE:
                    measured(n, c, t, k, v, p, bits[slot[champion]], later)
                    record_move(moves[out], state, earlier, later)
                done = optimal(k, v, target)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        generations[out] = evaluations[out]
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            before = FOREVER if code == OK else budget + 1
            record_times(n, c, before, k, v, p, bits[slot[champion]], times, noted, trajectory[out])
