"""The event engine for rates in t, on strictly monotone functions: rounds in which no zero-bit flips are skipped.

As in ``event.py`` the zero-bits of all rounds stand behind each other on one tape, k of them a round, the one-bits on another,
which moves only in rounds in which a zero-bit flips. On a window of time with bounds low <= p_t <= high (:mod:`sim.windows`) both
tapes are run at the rate ``high``, and each flip they offer is kept with probability p_t/high (thinning: then every bit of round
t flips with probability p_t, independently). Mostly low/high decides that without p_t. At the end of a window both tapes
are begun anew, as the geometric law, which has no memory, allows.

In a round with a up-flips and more than a downs the offspring is judged with a + 1 downs: if it is worse, so it is with more, and
the rest of the round need not be drawn.

Where counts decide, the flips of such a whole round are not listed at all: at rate 1/2 they would be half of all positions.

Rounds are made one by one, on one tape over all n positions at the rate p_t, while most rounds flip zero-bits anyway, and where
the bounds are unknown: because balls can't tell, or because the rate depends on the point too.

The list of zero-bits is made when rounds begin to be skipped (above 2^25 bits not before they are a quarter of all; until then
they are drawn by rejection).
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, INTERRUPTED, NOT_A_NUMBER, NOT_MONOTONE, OK, POLL
from sim.kernels.lumped_draws import TINY, distant_flip
from sim.kernels.random import FOREVER, failures, next_word, seed_stream, uniform
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    COUNTS_DECIDE,
    DECLARED,
    MEASURE,
    MONOTONE,
    OBSERVE,
    STRICT,
    TRACK_VALUE,
    judge,
    measured,
    moved,
    optimal,
    rate,
    record_times,
    remembered,
    state_of,
    value,
)
from theory.jit import hook, kernel

LARGE = 1 << 25  # from so many bits on the zero-bits are listed late
PROBE = 63  # a declared monotone function is tested in one of 64 events, on a round that would have been skipped
BUSY = 1.0  # from so many flips of zero-bits a round on, all rounds are made
CROWDED = 32.0  # the same where the list is there, which such rounds would make useless


@hook
def place_below(s, n):
    """Uniform on 0, ..., n - 1 for n < 2^32 (D. Lemire, *Fast random integer generation in an interval*, ACM TOMACS 29, 2019)."""
    while True:
        product = (next_word(s) >> np.uint64(32)) * np.uint64(n)
        rest = product & np.uint64(0xFFFFFFFF)
        if rest >= np.uint64(n) or rest >= np.uint64(1 << 32) % np.uint64(n):
            return np.int64(product >> np.uint64(32))


@hook
def choose(s, x, bit, flips, first, done, last):
    """Put different uniform positions of bits of this value into flips[first:last], of which some are ``done``, by rejection."""
    while last > flips.size:
        flips = twice_as_long(flips)
    several = last - first > 1
    for j in range(first, done):
        x[flips[j]] += 2  # a mark, so that no position is taken twice
    for j in range(done, last):
        place = place_below(s, x.size)
        while x[place] != bit:
            place = place_below(s, x.size)
        flips[j] = place
        if several:
            x[place] += 2
    if several or done > first:
        for j in range(first, last):
            x[flips[j]] -= 2
    return flips


@hook
def not_monotone(row, witness, t, k, v, after, x, flips, m, up):
    """Note x and the offspring, the one that should be better first."""
    record_bad(row, t, k, after if up else v, v if up else after)
    for i in range(x.size):
        witness[0, i] = witness[1, i] = x[i]
    for j in range(m):
        witness[0 if up else 1, flips[j]] ^= 1
    return NOT_MONOTONE


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`. ``settings`` holds the windows."""
    s, again = np.empty(4, np.uint64), np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    zeros = np.empty(n + 1, np.int32)  # the positions of the zero-bits are zeros[:k]
    flips = np.empty(64, np.int64)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    where = np.empty(64, np.int64)  # flips[j] = zeros[where[j]] for the ups
    known = data
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        k = draw_start(s, x, start_kind, start_zeros, start_bits)
        v = value(x, data)
        known = remembered(x, known)
        code = OK
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        t, rounds, since = np.int64(0), np.int64(0), np.int64(0)
        window, end = 0, np.int64(0)  # rounds t + 1 .. end have the bounds below
        low, high, hazard = 0.0, 0.0, 0.0
        whole, listed = False, False  # whether rounds are made one by one; whether zeros is the list of the zero-bits
        up, down = np.int64(0), np.int64(0)  # bits to pass on either tape before the next flip
        sure, doubt = np.int64(0), 0.0  # flips to come that are kept whatever p_t is
        done = optimal(k, v, target)
        while not done:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if t >= budget:
                code = CENSORED
                break
            if t >= end:
                while settings[3 * window] < t + 1:
                    window += 1
                end, low, high = np.int64(settings[3 * window]), settings[3 * window + 1], settings[3 * window + 2]
                whole = high > 1.0 or k * high > (CROWDED if listed else BUSY)
                if whole:  # the bounds give way to the rate itself, for one round
                    p = rate(n, c, t + 1, k, v, p)
                    if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                        code = BAD_RATE
                        record_bad(bad[out], t + 1, k, v, p)
                        t += 1
                        break
                    end, low, high = t + 1, p, p
                hazard = -math.log1p(-high)
                up = failures(s, hazard)
                if not whole:
                    down = failures(s, hazard)
                    doubt = math.log(high / low) if low > 0.0 else math.inf  # -log of the share low/high
                    sure = failures(s, doubt)
            a, b, ones, placed, place = 0, 0, n - k, 0, np.int64(0)
            if whole:
                t += 1
                if COUNTS_DECIDE:  # only count: an offspring that is accepted is made again, from the same random numbers
                    place = up
                    for j in range(4):
                        again[j] = s[j]
                    while up < n:
                        b += 1
                        a += 1 - x[up]
                        up += 1 + failures(s, hazard)
                room = flips.size
                while up < n:
                    while up < n and b < room:
                        flips[b] = up
                        b += 1
                        a += 1 - x[up]
                        up += 1 + failures(s, hazard)
                    if b == room:
                        flips = twice_as_long(flips)
                        room = flips.size
                b -= a
            else:
                if hazard >= TINY:
                    wait = up // k
                    up -= wait * k
                else:  # a jump would pass 2^62 cells, where it is cut, though the number of rounds does not
                    wait, up = distant_flip(s, k, hazard)
                if wait >= min(end, budget) - t:
                    t = min(end, budget)
                    end = t
                    continue
                t += wait + 1
                odds = -1.0  # of a flip that low/high leaves open, once it is needed
                while up < k:
                    keep = True
                    sure -= 1
                    if sure < 0:
                        if odds < 0.0:
                            p = rate(n, c, t, k, v, p)
                            odds = (p - low) / (high - low)
                        keep = uniform(s) < odds
                        sure = failures(s, doubt)
                    if keep:
                        if a == where.size:
                            where = twice_as_long(where)
                        where[a] = up
                        a += 1
                    up += 1 + failures(s, hazard)
                up -= k
                if a == 0:
                    continue
                if not listed and (n < LARGE or 4 * k <= n):
                    listed = True
                    place = 0
                    for i in range(n):
                        zeros[place] = i
                        place += 1 - x[i]
                if listed:
                    while a > flips.size:
                        flips = twice_as_long(flips)
                    for j in range(a):
                        flips[j] = zeros[where[j]]
                elif not COUNTS_DECIDE:
                    flips = choose(s, x, 0, flips, 0, 0, a)
                refused = False
                while down < ones:
                    keep = True
                    sure -= 1
                    if sure < 0:
                        if odds < 0.0:
                            p = rate(n, c, t, k, v, p)
                            odds = (p - low) / (high - low)
                        keep = uniform(s) < odds
                        sure = failures(s, doubt)
                    b += keep
                    down += 1 + failures(s, hazard)
                    if COUNTS_DECIDE and a - b < STRICT:
                        refused = True
                    elif (
                        MONOTONE and b > a and placed == 0
                    ):  # look once whether it is worse already: more downs make it worse still
                        flips = choose(s, x, 1, flips, a, a, a + b)
                        placed = b
                        refused = judge(x, flips, a + b, a, k, v, known)[0] < 0
                    if refused:
                        break
                if refused:  # however the round goes on: leave it, and start the next one on a fresh tape
                    down = failures(s, hazard)
                    continue
                down -= ones

            if DECLARED and rounds & PROBE == 1:
                downs = 0
                place = failures(s, hazard)
                while place < ones:
                    downs += 1
                    place += 1 + failures(s, hazard)
                if downs > 0:
                    probed = choose(s, x, 1, np.empty(downs, np.int64), 0, 0, downs)
                    sign, after = judge(x, probed, downs, 0, k, v, known)
                    if sign >= 0:
                        code = not_monotone(bad[out], witness, t, k, v, after, x, probed, downs, False)
                        break
            if a == 0 or (COUNTS_DECIDE and a - b < STRICT):
                continue
            if not whole:
                if COUNTS_DECIDE and not listed:
                    flips = choose(s, x, 0, flips, 0, 0, a)
                flips = choose(s, x, 1, flips, a, a + placed, a + b)
            sign, after = 1, v
            if TRACK_VALUE or (b > 0 and not COUNTS_DECIDE):
                if stop[0] != 0:  # a user's function may take long
                    code = INTERRUPTED
                    break
                sign, after = judge(x, flips, a + b, a, k, v, known)
                if after != after:
                    code = NOT_A_NUMBER
                    record_bad(bad[out], t, k, v, np.nan)
                    break
                if DECLARED and b == 0 and sign <= 0:
                    code = not_monotone(bad[out], witness, t, k, v, after, x, flips, a, True)
                    break
            if sign > 0 or (sign == 0 and not STRICT):
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, x, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, x, earlier)
                if whole and COUNTS_DECIDE:
                    while place < n:
                        x[place] ^= 1
                        place += 1 + failures(again, hazard)
                else:
                    for j in range(a + b):
                        x[flips[j]] ^= 1
                    moved(x, flips, a + b, known)
                if whole:
                    listed = False
                elif listed:
                    for j in range(b):  # downs take the places of ups, then the end of the list
                        zeros[where[j] if j < a else k + j - a] = flips[a + j]
                    for j in range(b, a):  # places left are filled from the end, the last one first
                        zeros[where[a + b - 1 - j]] = zeros[k + b - 1 - j]
                k += b - a
                v = after
                if MEASURE:
                    measured(n, c, t, k, v, p, x, later)
                    record_move(moves[out], state, earlier, later)
                if OBSERVE:
                    reached = record_hits(v, t, targets, reached, hits[out])
                done = optimal(k, v, target)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            until = FOREVER if code == OK else (budget + 1 if code == CENSORED else t)
            record_times(n, c, until, k, v, p, x, times, noted, trajectory[out])
