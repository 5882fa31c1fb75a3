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
from sim.kernels.lumped_draws import first_flip, half_binomial
from sim.kernels.random import FOREVER, below, failures, seed_stream
from theory.hooks import CHECK_RATE, FLIPS, OBSERVE, STATIC_RATE, STRICT, level, potentials, rate
from theory.jit import hook, kernel
import numba
inlined = numba.njit(nogil=True, error_model='numpy', forceinline=True)

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


@inlined
def run_to_next(s, up, down, kind, k, n, p, hazard):
    """Rounds that certainly change nothing, and the zero-bits of the offspring of the round after them."""
    if kind == _STUCK:
        return FOREVER, k, up, down
    if FLIPS == 0:
        if kind == _EXACT_JUMP:
            log_q = k * math.log(p)
            if k < n:
                log_q += (n - k) * math.log1p(-p)
            return failures(s, -math.log1p(-math.exp(log_q))), np.int64(0), up, down
        width = k if kind == _CLIMB else n
        rounds, position = first_flip(s, up, width, hazard)
        if rounds >= FOREVER:
            return FOREVER, k, up, down
        ups, downs = 0, 0
        while position < width:
            if position < k:
                ups += 1
            else:
                downs += 1
            position += 1 + failures(s, hazard)
        up = position - width
        if kind == _CLIMB:
            position = down
            while position < n - k:
                downs += 1
                if downs > ups:  # refused, however the round goes on: leave it, and start the next one on a fresh tape
                    position = failures(s, hazard) + (n - k)
                    break
                position += 1 + failures(s, hazard)
            down = position - (n - k)
        return rounds, k - ups + downs, up, down
    if kind == _UP:
        return failures(s, -math.log1p(-k / n)), k - 1, up, down
    if kind == _DOWN:
        return failures(s, -math.log1p(-(n - k) / n)), k + 1, up, down
    ups = 0
    for j in range(FLIPS):  # FLIPS draws without replacement from n bits of which k are zero-bits
        if below(s, n - j) < k - ups:
            ups += 1
    return np.int64(0), k + FLIPS - 2 * ups, up, down


@kernel
def run_block(
    key, first, last, n, c, p, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, hit, hits, trajectory, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`."""
    s = np.empty(4, np.uint64)
    no_bits = np.empty(0, np.uint8)
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
        next_target, next_time = 0, 0
        if OBSERVE:
            while next_target < targets.size and v >= targets[next_target]:
                hits[out, next_target] = 0
                next_target += 1
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
                            bad[out, 0], bad[out, 1], bad[out, 2], bad[out, 3] = t + 1, k, v, p
                            code = BAD_RATE
                            break
                    if new_rate:
                        hazard = -math.log1p(-p)
                        up, down = failures(s, hazard), failures(s, hazard)
                        new_rate = False
                changed = False
            wait, after, up, down = run_to_next(s, up, down, kind, k, n, p, hazard)
            ends = wait >= budget - t
            if OBSERVE:
                until = budget if ends else t + wait
                while next_time < times.size and times[next_time] <= until:
                    potentials(n, c, times[next_time], k, v, no_bits, trajectory[out, next_time])
                    next_time += 1
            if ends:
                code = CENSORED if budget < FOREVER else ENDLESS
                break
            t += wait + 1
            if acceptable(after, k, n, data):
                k = after
                v = level(k, n, data)
                changed = True
                if OBSERVE:
                    while next_target < targets.size and v >= targets[next_target]:
                        hits[out, next_target] = t
                        next_target += 1
        status[out] = code
        hit[out] = code == OK
        evaluations[out] = t if code == OK else budget
        if OBSERVE and code == OK:
            while next_target < targets.size:
                hits[out, next_target] = t
                next_target += 1
            while next_time < times.size:
                potentials(n, c, times[next_time], k, v, no_bits, trajectory[out, next_time])
                next_time += 1
