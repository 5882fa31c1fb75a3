"""Binomial variates in bounded time.

Small mean: inversion, along the probabilities from 0 up. Large mean: the transformed rejection BTRS of W. Hörmann, *The
generation of binomial random variates*, Journal of Statistical Computation and Simulation 46 (1993). Its rare exact comparison
uses log f(j)/f(m), m the mode, in a form that loses no digits where n is large: with d = j - m

    log f(j)/f(m) = d log((n-j+1)p / ((j+1)q)) - (m+1/2) log(1 + d/(m+1)) - (n-m+1/2) log(1 - d/(n-m+1))
                    + s(m) - s(j) + s(n-m) - s(n-j),

s the remainder of Stirling's formula for log j!.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.random import uniform
from theory.jit import kernel

_INVERSION = 10.0  # largest mean for inversion; BTRS needs at least this
_SMALL = np.array([math.lgamma(j + 1) - (j + 0.5) * math.log(j + 1) + j + 1 - 0.5 * math.log(2 * math.pi) for j in range(10)])


@kernel
def stirling_rest(j):
    """log j! - (j + 1/2) log(j + 1) + (j + 1) - log(2 pi)/2."""
    if j < 10:
        return _SMALL[np.int64(j)]
    y = 1.0 / (j + 1.0)
    return y * (1.0 / 12.0 - y * y * (1.0 / 360.0 - y * y * (1.0 / 1260.0 - y * y / 1680.0)))


@kernel
def log_ratio(j, m, n, p):
    """The logarithm of P(j)/P(m) under the binomial law of n trials with success probability p."""
    d = j - m
    main = d * math.log((n - j + 1.0) * p / ((j + 1.0) * (1.0 - p)))
    main -= (m + 0.5) * math.log1p(d / (m + 1.0)) + (n - m + 0.5) * math.log1p(-d / (n - m + 1.0))
    return main + stirling_rest(m) - stirling_rest(j) + stirling_rest(n - m) - stirling_rest(n - j)


@kernel
def binomial(s, n, p):
    """Number of successes in n trials with success probability p, for n >= 0 and 0 <= p <= 1."""
    if p > 0.5:
        return n - _upto_half(s, n, 1.0 - p)
    return _upto_half(s, n, p)


@kernel
def _upto_half(s, n, p):
    mean = n * p
    if mean <= 0.0:
        return np.int64(0)
    if mean < _INVERSION:
        odds = p / (1.0 - p)
        none = math.exp(n * math.log1p(-p))
        while True:
            u, f, j = uniform(s), none, np.int64(0)
            while u >= f and j <= n:
                u -= f
                j += 1
                f *= (n - j + 1) * odds / j
            if j <= n:  # else a rounding error: the probabilities add up to 1
                return j
    spread = math.sqrt(mean * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    middle = mean + 0.5
    squeeze = 0.92 - 4.2 / b
    while True:
        u, v = uniform(s) - 0.5, uniform(s)
        us = 0.5 - abs(u)
        if us <= 0.0:
            continue
        j = math.floor((2.0 * a / us + b) * u + middle)
        if us >= 0.07 and v <= squeeze:
            return np.int64(j)
        if j < 0.0 or j > n or v <= 0.0:
            continue
        v *= (2.83 + 5.1 / b) * spread / (a / (us * us) + b)
        if math.log(v) <= log_ratio(j, math.floor((n + 1) * p), n, p):
            return np.int64(j)
