"""Random numbers for kernels: xoshiro256++ and what the engines draw from it.

Generator: Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021).
Exponential variates: the ziggurat of Marsaglia and Tsang (J. Stat. Software 5, 2000) with 256 layers; its tail restarts
(the exponential law has no memory), and the rejection step alone needs exp.

A stream is four uint64 words in an array; :func:`seed_stream` makes the stream of one replicate from the key of the run,
so that no result depends on threads or order.
"""

from __future__ import annotations

import math

import numpy as np

from theory.jit import kernel

FOREVER = np.int64(1) << 62  # waiting times from here on end a run as censored
_U = np.uint64


def _ziggurat_tables() -> tuple[np.ndarray, np.ndarray, float]:
    """Layer edges x_i and densities y_i = exp(-x_i) of 256 layers of equal area under exp(-x)."""
    layers = 256

    def edges(r: float) -> tuple[list[float], float]:
        area = r * math.exp(-r) + math.exp(-r)
        xs = [r]
        for _ in range(layers - 2):
            height = math.exp(-xs[-1]) + area / xs[-1]
            if height >= 1:
                return xs, 1.0  # r too small: the layers pass the top early
            xs.append(-math.log(height))
        return xs, math.exp(-xs[-1]) + area / xs[-1] - 1.0

    low, high = 5.0, 12.0
    for _ in range(64):  # bisection: the top layer must end at density 1
        middle = (low + high) / 2
        if edges(middle)[1] > 0:
            low = middle
        else:
            high = middle
    r = high
    area = r * math.exp(-r) + math.exp(-r)
    xs = np.array([area * math.exp(r), *edges(r)[0], 0.0])  # x_0: the base layer's width with the tail folded in
    return xs, np.exp(-xs), r


_X, _Y, _R = _ziggurat_tables()


@kernel
def mix(z):
    """The finaliser of splitmix64: a bijection of uint64 with good avalanche."""
    z = (z ^ (z >> _U(30))) * _U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> _U(27))) * _U(0x94D049BB133111EB)
    return z ^ (z >> _U(31))


@kernel
def seed_stream(s, key, replicate):
    """Fill the stream s (4 uint64) for one replicate of the run with the 256-bit ``key``."""
    for j in range(4):
        s[j] = mix(key[j] ^ mix(_U(replicate) + _U(j + 1) * _U(0x9E3779B97F4A7C15)))
    if s[0] | s[1] | s[2] | s[3] == _U(0):
        s[0] = _U(1)


@kernel
def next_word(s):
    """64 random bits."""
    s0, s1, s2, s3 = s[0], s[1], s[2], s[3]
    total = s0 + s3
    result = ((total << _U(23)) | (total >> _U(41))) + s0
    shifted = s1 << _U(17)
    s2 ^= s0
    s3 ^= s1
    s[1] = s1 ^ s2
    s[0] = s0 ^ s3
    s[2] = s2 ^ shifted
    s[3] = (s3 << _U(45)) | (s3 >> _U(19))
    return result


@kernel
def uniform(s):
    """Uniform on [0, 1), 53 bits."""
    return float(next_word(s) >> _U(11)) * (1.0 / 9007199254740992.0)


@kernel
def below(s, bound):
    """Uniform integer in {0, ..., bound - 1}, exactly (Lemire's method needs 128 bits; masks with rejection don't)."""
    if bound <= 1:
        return 0
    mask = _U(bound - 1)
    mask |= mask >> _U(1)
    mask |= mask >> _U(2)
    mask |= mask >> _U(4)
    mask |= mask >> _U(8)
    mask |= mask >> _U(16)
    mask |= mask >> _U(32)
    while True:
        word = next_word(s) & mask
        if word < _U(bound):
            return np.int64(word)


@kernel
def exponential(s):
    """Exponential with mean 1."""
    shift = 0.0
    while True:
        word = next_word(s)
        layer = np.int64(word & _U(255))
        x = float(word >> _U(11)) * (1.0 / 9007199254740992.0) * _X[layer]
        if x < _X[layer + 1]:
            return shift + x
        if layer == 0:
            shift += _R
        elif _Y[layer] + uniform(s) * (_Y[layer + 1] - _Y[layer]) < math.exp(-x):
            return shift + x


@kernel
def failures(s, hazard):
    """Failures before the first success of Bernoulli trials with success probability 1 - exp(-hazard), at most 2^62.

    floor(E / hazard) with E exponential is geometric: P(at least j) = P(E >= j * hazard) = exp(-hazard)^j.
    """
    if hazard <= 0.0:
        return FOREVER
    jump = exponential(s) / hazard
    if jump >= 4.0e18:
        return FOREVER
    return np.int64(jump)


@kernel
def fill(s, noise, count):
    """Put ``count`` variates, uniform on (0, 1], at the front of ``noise``; returns it, longer where that was needed."""
    if count > noise.size:
        noise = np.empty(2 * count, np.float64)
    for j in range(count):
        noise[j] = 1.0 - uniform(s)
    return noise
