"""The lumped engine of LeadingOnes from a uniform start: the chain of v, the length of the prefix of ones.

Böttcher, Doerr, Neumann (PPSN 2010): the bits behind the first zero never influenced a decision, so they stay uniform
and independent. From v = i the prefix grows with probability q_i = p(1-p)^i a round (RLS with r flips:
C(n-1-i, r-1) / C(n, r)), and then runs on over bits that are ones with probability 1/2 each. So T is the sum over i of
independent B_i G_i, with B_i fair bits and G_i geometric with success probability q_i. Ties change nothing that matters.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.codes import BAD_RATE, CENSORED, ENDLESS, INTERRUPTED, OK, POLL
from sim.kernels.random import FOREVER, failures, next_word, seed_stream
from theory.hooks import CHECK_RATE, FLIPS, OBSERVE, STATIC_RATE, potentials, rate
from theory.jit import hook, kernel


@hook
def free_riders(s, bits, v, n):
    """Extend the prefix over fair bits up to the first zero; ``bits`` holds a random word and how much of it is left."""
    while v < n:
        if bits[1] == 0:
            bits[0] = next_word(s)
            bits[1] = 64
        one = bits[0] & np.uint64(1)
        bits[0] >>= np.uint64(1)
        bits[1] -= np.uint64(1)
        if one == 0:
            break
        v += 1
    return v


@hook
def success(v, n, p):
    """The probability that a round lengthens a prefix of v ones."""
    if FLIPS > 0:
        q = FLIPS / n
        for j in range(1, FLIPS):
            q *= max(n - v - j, 0) / (n - j)
        return q
    return p * math.exp(v * math.log1p(-p)) if v > 0 else p


@kernel
def run_block(
    key, first, last, n, c, p, data, target, budget, start_kind, start_zeros, start_bits, stop,
    targets, times, evaluations, hit, hits, trajectory, status, bad, witness,
):  # fmt: skip
    """Run the replicates first <= r < last; see :mod:`sim.kernels`. k is not modelled: the hooks get k = -1."""
    s = np.empty(4, np.uint64)
    bits = np.zeros(2, np.uint64)
    no_bits = np.empty(0, np.uint8)
    k = np.int64(-1)
    for r in range(first, last):
        out = r - first
        seed_stream(s, key, r)
        bits[1] = 0
        v = free_riders(s, bits, np.int64(0), n)
        t, rounds = np.int64(0), np.int64(0)
        code = OK
        next_target, next_time = 0, 0
        if OBSERVE:
            while next_target < targets.size and v >= targets[next_target]:
                hits[out, next_target] = 0
                next_target += 1
        while v < n:
            if rounds & POLL == 0 and stop[0] != 0:
                code = INTERRUPTED
                break
            rounds += 1
            if FLIPS == 0 and not STATIC_RATE:
                p = rate(n, c, t + 1, k, v, p)
                if CHECK_RATE and not (p >= 0.0 and p <= 1.0):
                    bad[out, 0], bad[out, 1], bad[out, 2], bad[out, 3] = t + 1, k, v, p
                    code = BAD_RATE
                    break
            wait = failures(s, -math.log1p(-success(v, n, p)))
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
            v = free_riders(s, bits, v + 1, n)
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
