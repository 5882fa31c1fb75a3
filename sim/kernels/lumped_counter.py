"""The lumped engine of problems whose fitness depends on k alone: the chain of k, in O(1) memory.

By symmetry k, the number of zero-bits, is a Markov chain. A round flips ``ups`` of the k zero-bits and ``downs`` of the
n-k one-bits, the offspring has k - ups + downs, and ``level`` decides. What can be skipped depends on which other levels
are acceptable from k (fitness at least ``level(k)``; with ``STRICT`` more):

* none above k and nothing but 0 below (the plateau of Jump, Needle with ``STRICT``, OneMax at k = 1): all that can happen
  is that all zero-bits flip and nothing else: one geometric wait with success probability p^k (1-p)^(n-k);
* none above k (OneMax, the slope of Jump): a round without ups changes nothing. One tape holds the zero-bits of all
  rounds, and the tape of the one-bits only moves in rounds with an up (the two are independent);
* otherwise (plateaus, valleys): a round without flips changes nothing; one tape over all n bits, whose first k are the
  zero-bits.

Whether a level above k is acceptable is clear on the *slope*, the largest range m..n on which the fitness falls strictly
in k; it is found once (O(n), a scan that ends where the fall ends); below m the levels up to m are looked through.

RLS: with one flip an accepted move is a step of a walk on k, with a geometric wait where only one direction is
acceptable; with r flips the ups are hypergeometric and every round is drawn, unless nothing acceptable is in reach.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, OK, POLL, UNIFORM, ZEROS
from sim.kernels.lumped_draws import TINY, distant_flip, half_binomial
from sim.kernels.random import FOREVER, below, failures, seed_stream
from sim.kernels.record import record_all_hits, record_bad, record_hits, record_move, record_stay
from theory.hooks import (
    CHECK_RATE,
    FLIPS,
    MEASURE,
    OBSERVE,
    STATIC_RATE,
    STRICT,
    level,
    measured,
    potentials,
    rate,
    state_of,
)
from theory.jit import hook, kernel

_STUCK, _EXACT_JUMP, _CLIMB, _ANY_FLIP, _UP, _DOWN, _EVERY = 0, 1, 2, 3, 4, 5, 6  # what the next round of interest is


@hook
def acceptable(after, k, n, data):
    """Whether an offspring with ``after`` zero-bits replaces a point with k, and differs in k."""
    if after == k or after < 0 or after > n:
        return False
    if STRICT:
        return level(after, n, data) > level(k, n, data)
    return level(after, n, data) >= level(k, n, data)


@hook
def slope_end(n, data):
    """The smallest m such that the fitness falls strictly in k on m..n."""
    m = n
    while m > 0 and level(m - 1, n, data) > level(m, n, data):
        m -= 1
    return m


@hook
def interest(k, n, data, slope):
    """Which rounds can change k."""
    if FLIPS == 0:
        if k < slope:
            for above in range(k + 1, slope + 1):
                if acceptable(above, k, n, data):
                    return _ANY_FLIP
        below_k = k - 1
        while below_k > 0 and not acceptable(below_k, k, n, data):
            below_k -= 1
        return _EXACT_JUMP if below_k == 0 else _CLIMB
    if FLIPS == 1:
        up, down = acceptable(k - 1, k, n, data), acceptable(k + 1, k, n, data)
        if up and down:
            return _EVERY
        return _UP if up else (_DOWN if down else _STUCK)
    for ups in range(max(0, FLIPS - (n - k)), min(k, FLIPS) + 1):
        if acceptable(k + FLIPS - 2 * ups, k, n, data):
            return _EVERY
    return _STUCK


@hook
def record_times(n, c, until, k, v, p, times, noted, rows):
    """Note the potentials of the current point at the times left, up to ``until``."""
    while noted < times.size and times[noted] <= until:
        potentials(n, c, times[noted], k, v, p, np.empty(0, np.uint8), rows[noted])
        noted += 1
    return noted


@hook
def single_wait(s, kind, k, n, p):
    """Where only one move can happen, or every round is of interest: rounds before it, and the zero-bits of its offspring."""
    if kind == _STUCK:
        return FOREVER, k
    if kind == _EXACT_JUMP:
        log_q = k * math.log(p)
        if k < n:
            log_q += (n - k) * math.log1p(-p)
        return failures(s, -math.log1p(-math.exp(log_q))), np.int64(0)
    if kind == _UP:
        return failures(s, -math.log1p(-k / n)), k - 1
    if kind == _DOWN:
        return failures(s, -math.log1p(-(n - k) / n)), k + 1
    ups = 0
    for j in range(FLIPS):  # FLIPS draws without replacement from n bits of which k are zero-bits
        if below(s, n - j) < k - ups:
            ups += 1
    return np.int64(0), k + FLIPS - 2 * ups


@kernel
def run_block(
    key, first, last, n, c, p, settings, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, generations, hit, hits, trajectory, moves, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    earlier, later, no_bits = np.zeros(moves.shape[2] - 1), np.zeros(moves.shape[2] - 1), np.empty(0, np.uint8)
    slope = slope_end(n, data) if FLIPS == 0 else np.int64(0)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        if start_kind == UNIFORM:
            k = n - half_binomial(s, n)
        elif start_kind == ZEROS:
            k = start_zeros
        else:
            k = n
            for bit in start_bits:
                k -= bit
        v = level(k, n, data)
        t, rounds = np.int64(0), np.int64(0)
        code = OK
        kind, hazard = _STUCK, 0.0
        changed, new_rate = True, True
        up, down = np.int64(0), np.int64(0)
        reached, noted = 0, 0
        if OBSERVE:
            reached = record_hits(v, 0, targets, reached, hits[out])
        while k > 0:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            if changed:
                kind = interest(k, n, data, slope)
                if FLIPS == 0:
                    if not STATIC_RATE:
                        p = rate(n, c, t + 1, k, v, p)
                        new_rate = True
                        if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                            record_bad(bad[out], t + 1, k, v, p)
                            code = BAD_RATE
                            break
                    if new_rate:
                        hazard = -math.log1p(-p)
                        up, down = failures(s, hazard), failures(s, hazard)
                        new_rate = False
                changed = False
            if kind == _CLIMB or kind == _ANY_FLIP:  # written out here: a call would cost a third of the whole
                width = k if kind == _CLIMB else n
                if hazard >= TINY:
                    wait = up // width
                    up -= wait * width
                else:
                    wait, up = distant_flip(s, width, hazard)
                ups, downs = 0, 0
                while up < width:
                    if up < k:
                        ups += 1
                    else:
                        downs += 1
                    up += 1 + failures(s, hazard)
                up -= width
                if kind == _CLIMB:
                    while down < n - k:
                        downs += 1
                        if downs > ups:  # refused, however the round goes on: leave it, and start the next one on a fresh tape
                            down = failures(s, hazard) + (n - k)
                            break
                        down += 1 + failures(s, hazard)
                    down -= n - k
                after = k - ups + downs
            else:
                wait, after = single_wait(s, kind, k, n, p)
            ends = wait >= budget - t
            if MEASURE:
                record_stay(moves[out], state_of(k, v), budget - t if ends else wait + 1)
            if OBSERVE:
                noted = record_times(n, c, budget if ends else t + wait, k, v, p, times, noted, trajectory[out])
            if ends:
                code = ENDLESS if wait >= FOREVER else CENSORED
                break
            t += wait + 1
            if acceptable(after, k, n, data):
                if MEASURE:
                    state = state_of(k, v)
                    measured(n, c, t, k, v, p, no_bits, earlier)
                k = after
                v = level(k, n, data)
                if MEASURE:
                    measured(n, c, t, k, v, p, no_bits, later)
                    record_move(moves[out], state, earlier, later)
                changed = True
                if OBSERVE:
                    reached = record_hits(v, t, targets, reached, hits[out])
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if OBSERVE and code == OK:
            record_all_hits(t, targets, reached, hits[out])
            record_times(n, c, FOREVER, k, v, p, times, noted, trajectory[out])
