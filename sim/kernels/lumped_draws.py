"""What the lumped engines draw: the ones of a uniform string, the flips of one round from an endless tape, free riders.

Flips on a tape: write the rounds one after the other, each with a cell for every bit in question. The distance from one
flip to the next is geometric, so only flips cost anything; what is left of a jump at the end of a round serves the next
one, whatever that round's width (the geometric law has no memory). When the rate changes it must be thrown away.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.random import FOREVER, below, failures, next_word, uniform
from theory.jit import kernel

TINY = 1e-17  # below this hazard a jump along a tape may pass 2^62 cells, though the number of rounds does not

_U = np.uint64


@kernel
def half_binomial(s, n):
    """Number of ones among n fair bits, exactly: the bits of n/64 random words are counted (Binomial(n, 1/2))."""
    total = np.int64(0)
    left = n
    while left > 0:
        word = next_word(s)
        if left < 64:
            word >>= _U(64 - left)
        word -= (word >> _U(1)) & _U(0x5555555555555555)
        word = (word & _U(0x3333333333333333)) + ((word >> _U(2)) & _U(0x3333333333333333))
        word = (word + (word >> _U(4))) & _U(0x0F0F0F0F0F0F0F0F)
        total += np.int64((word * _U(0x0101010101010101)) >> _U(56))
        left -= 64
    return total


@kernel
def distant_flip(s, width, hazard):
    """At a tiny hazard: rounds of ``width`` cells before the next one with a flip, and the position of its first flip."""
    rounds = failures(s, hazard * width)
    if rounds >= FOREVER:
        return FOREVER, width
    position = below(s, width)
    while uniform(s) >= math.exp(-hazard * position):  # the law of the position is proportional to (1-p)^position
        position = below(s, width)
    return rounds, position


@kernel
def free_riders(s, bits, v, n):
    """Extend the prefix over fair bits up to the first zero; ``bits`` holds a random word and how much of it is left."""
    while v < n:
        if bits[1] == 0:
            bits[0] = next_word(s)
            bits[1] = 64
        one = bits[0] & _U(1)
        bits[0] >>= _U(1)
        bits[1] -= _U(1)
        if one == 0:
            break
        v += 1
    return v


@kernel
def no_up(k, n, flips):
    """Minus the logarithm of the probability that an RLS mutation meets no zero-bit."""
    total = 0.0
    for i in range(flips):
        total -= math.log1p(-k / (n - i)) if k < n - i else -math.inf
    return total


@kernel
def ups_of_rls(s, k, n, flips, hazard):
    """The number of zero-bits among ``flips`` different positions, given that it is not 0; hazard = no_up(k, n, flips)."""
    ups = 0
    for i in range(flips):  # one draw after the other; the condition matters until the first up
        chance = (k - ups) / (n - i)
        if ups == 0:
            chance /= -math.expm1(-hazard)
            hazard += math.log1p(-k / (n - i)) if k < n - i else 0.0
        ups += uniform(s) < chance
    return max(ups, 1)  # 0 would be a rounding error
