"""Mutation of all 2^n points at once, and sums over the better points, compiled; the theory is in :mod:`theory.exact.levels`."""

from __future__ import annotations

import numpy as np

from theory.jit import kernel

BLOCK = 512


@kernel
def mutate(vector, p):
    """Multiply a vector over {0,1}^n by the n-fold tensor product of [[1-p, p], [p, 1-p]], in place."""
    size = vector.size
    q = 1.0 - p
    half = 1
    while half < size:
        for low in range(0, size, 2 * half):
            for x in range(low, low + half):
                one, two = vector[x], vector[x + half]
                vector[x] = q * one + p * two
                vector[x + half] = p * one + q * two
        half *= 2


@kernel
def weights(size):
    """The number of ones in the binary digits of 0, ..., size - 1."""
    found = np.zeros(size, np.uint8)
    for x in range(1, size):
        found[x] = found[x >> 1] + (x & 1)
    return found


@kernel
def better_sums(level, above, known, law, ones):
    """For each x of a level: the sums over the y above it of P_xy known[y] and of P_xy; P_xy = law[|x xor y|].

    Terms are added up in blocks, so that no sum has more than 512 + 2^n/512 roundings.
    """
    gain, leave = np.zeros(level.size), np.zeros(level.size)
    kinds = law.size
    far, far_count = np.zeros(kinds), np.zeros(kinds)
    near, near_count = np.zeros(kinds), np.zeros(kinds)
    for i in range(level.size):
        far[:] = 0.0
        far_count[:] = 0.0
        for first in range(0, above.size, BLOCK):
            near[:] = 0.0
            near_count[:] = 0.0
            for j in range(first, min(first + BLOCK, above.size)):
                h = ones[level[i] ^ above[j]]
                near[h] += known[j]
                near_count[h] += 1.0
            far += near
            far_count += near_count
        for h in range(kinds):
            gain[i] += law[h] * far[h]
            leave[i] += law[h] * far_count[h]
    return gain, leave


@kernel
def within_level(level, law, ones):
    """The matrix P_xy over the points of a level."""
    matrix = np.empty((level.size, level.size))
    for i in range(level.size):
        for j in range(level.size):
            matrix[i, j] = law[ones[level[i] ^ level[j]]]
    return matrix
