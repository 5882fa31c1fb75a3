"""The event engine: on strictly monotone functions nothing changes unless a zero-bit flips, so only those rounds are made.

An offspring without an up (a zero-bit that flips) is x itself or lies below x, where a strictly monotone f is smaller: x
stays. So the zero-bits of all generations stand behind each other on one tape, k of them a generation, and one geometric
jump leads to the next up, over all generations without one. The one-bits have a tape of their own, which moves only in
generations with an up: it says how many of them flip (downs), and which ones is drawn, uniformly, only if the counts leave
the decision open. Both tapes may be kept over a change of k, since the geometric law has no memory; not over a change of p.

Exactness: the rounds are independent and a product over the bits, so the number of rounds up to the first with an up does not
depend on what flips in that round, and given the up nothing is known of the one-bits.

RLS: a round has no up with probability C(n - k, r) / C(n, r); given one, the number of ups is hypergeometric, at least 1.

Memory: a byte a bit, and four for each zero-bit (the pages of ``zeros`` that are never written take none). From 2^25 bits
on the zero-bits are listed only once they are a quarter of all; until then they too are drawn by rejection, which is somewhat
slower and halves the list.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, LARGEST_BUDGET, NOT_A_NUMBER, NOT_MONOTONE, OK, POLL
from sim.kernels.lumped_draws import TINY, distant_flip, no_up, ups_of_rls
from sim.kernels.random import FOREVER, below, failures, fill, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay, sort_first, twice_as_long
from sim.kernels.start import draw_start
from theory.hooks import (
    CHECK_RATE,
    COUNTS_DECIDE,
    DECLARED,
    FLIPS,
    MEASURE,
    OBSERVE,
    RANDOM_ACCEPTANCE,
    STATIC_RATE,
    STRICT,
    TRACK_VALUE,
    accepts,
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


@hook
def choose(s, x, bit, flips, first, last):
    """Put different uniform positions of bits of this value into flips[first:last], by rejection."""
    for j in range(first, last):
        place = below(s, x.size)
        while x[place] != bit:
            place = below(s, x.size)
        flips[j] = place
        if last - first > 1:
            x[place] += 2  # a mark, so that no position is taken twice
    if last - first > 1:
        for j in range(first, last):
            x[flips[j]] -= 2


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
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    x = np.empty(n, np.uint8)
    zeros = np.empty(n + 1, np.int32)  # the positions of the zero-bits are zeros[:k]
    flips = np.empty(max(64, FLIPS), np.int64)
    noise = np.empty(64 if RANDOM_ACCEPTANCE else 0)
    earlier, later = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1)
    where = np.empty(max(64, FLIPS), np.int64)  # flips[j] = zeros[where[j]] for the ups
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
        listed = False
        t, rounds = 0, 0
        since = 0  # the round up to which they are counted by their state
        hazard = 0.0
        up, down = 0, 0  # bits to pass on either tape before the next flip
        fresh = True
        done = optimal(k, v, target)
        while not done:
            rounds += 1
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            if FLIPS > 0:
                hazard = no_up(k, n, FLIPS)
                wait = failures(s, hazard)
                up = 0 if wait < FOREVER else FOREVER
            else:
                if fresh:
                    if not STATIC_RATE:
                        p = rate(n, c, t + 1, k, v, p)
                        if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                            t += 1
                            code = BAD_RATE
                            record_bad(bad[out], t, k, v, p)
                            break
                    hazard = -math.log1p(-p)
                    up = failures(s, hazard)
                    down = failures(s, hazard)
                    fresh = False
                if hazard >= TINY:
                    wait = up // k
                    up -= wait * k
                else:  # a jump would pass 2^62 cells, where it is cut, though the number of rounds does not
                    wait, up = distant_flip(s, k, hazard)
            t += wait + 1
            if t > budget or up >= LARGEST_BUDGET:
                code = CENSORED if t > budget else ENDLESS
                break

            if not listed and (n < LARGE or 4 * k <= n):
                listed = True
                place = 0
                for i in range(n):
                    zeros[place] = i
                    place += 1 - x[i]

            a, b, ones = 0, 0, n - k
            if FLIPS > 0:
                a = ups_of_rls(s, k, n, FLIPS, hazard) if FLIPS > 1 else 1
                b = FLIPS - a
                if listed:
                    for j in range(a):
                        place = below(s, k)
                        while x[zeros[place]] != 0:
                            place = below(s, k)
                        where[j] = place
                        x[zeros[place]] = 2
                    for j in range(a):
                        x[zeros[where[j]]] = 0
                    sort_first(where, a)
            else:
                while up < k:
                    if a == where.size:
                        where = twice_as_long(where)
                    where[a] = up
                    a += 1
                    up += 1 + failures(s, hazard)
                up -= k
                while down < ones:
                    b += 1
                    down += 1 + failures(s, hazard)
                down -= ones

            if DECLARED and rounds & PROBE == 1:
                downs = FLIPS
                if FLIPS == 0:
                    place = failures(s, hazard)
                    while place < ones:
                        downs += 1
                        place += 1 + failures(s, hazard)
                if downs > 0 and downs <= ones:
                    if downs > flips.size:
                        flips = np.empty(2 * downs, np.int64)
                    choose(s, x, 1, flips, 0, downs)
                    sign, after = judge(x, flips, downs, 0, k, v, known)
                    if sign >= 0:
                        code = not_monotone(bad[out], witness, t, k, v, after, x, flips, downs, False)
                        break

            if COUNTS_DECIDE and a - b < STRICT:
                continue
            if a + b > flips.size:
                flips = np.empty(2 * (a + b), np.int64)
            if listed:
                for j in range(a):
                    flips[j] = zeros[where[j]]
            else:
                choose(s, x, 0, flips, 0, a)
            choose(s, x, 1, flips, a, a + b)
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
                if RANDOM_ACCEPTANCE:
                    noise = fill(s, noise, a + b)
                    sign = 1 if accepts(noise, a, b, sign, v - after, settings, data) else -1
            if sign > 0 or (sign == 0 and not STRICT):
                if OBSERVE:
                    noted = record_times(n, c, t, k, v, p, x, times, noted, trajectory[out])
                if MEASURE:
                    state = state_of(k, v)
                    record_stay(moves[out], state, t - since)
                    since = t
                    measured(n, c, t, k, v, p, x, earlier)
                for j in range(a + b):
                    x[flips[j]] ^= 1
                moved(x, flips, a + b, known)
                if listed:
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
                fresh = not STATIC_RATE
                done = optimal(k, v, target)
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if MEASURE and code == CENSORED:
            record_stay(moves[out], state_of(k, v), budget - since)
        if OBSERVE:
            if code == OK:
                record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER if code == OK else budget + 1, k, v, p, x, times, noted, trajectory[out])
