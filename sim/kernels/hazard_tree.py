"""Rates of their own for each position: a tree of hazards, in which the next position that flips is found in O(log n).

Notation: h_i = -ln(1 - p_i) is the hazard of position i, infinite for p_i = 1. Lay the positions end to end as intervals of
length h_i and walk along with exponential steps: a position flips iff a step ends in its interval, where the walk goes on at the
next one; that is independent for all positions, with probability p_i.

A tree is an array: its leaves, tree[size + i] = h_i, are a power of two in number, tree[j] = tree[2j] + tree[2j+1]. Sums of few
terms and no differences: small hazards are kept to full precision beside large ones.
"""

from __future__ import annotations

import math

import numpy as np

from sim.kernels.random import uniform
from theory.jit import kernel


@kernel
def hazards_of(rates):
    """-ln(1 - p_i) of each position."""
    result = np.empty(rates.size)
    for i in range(rates.size):
        result[i] = -math.log1p(-rates[i]) if rates[i] < 1.0 else math.inf
    return result


@kernel
def plant_tree(hazards, x, bit):
    """The tree of the positions at which x has this bit (bit 2: of all positions)."""
    size = 1
    while size < hazards.size:
        size *= 2
    tree = np.zeros(2 * size)
    for i in range(hazards.size):
        if bit == 2 or x[i] == bit:
            tree[size + i] = hazards[i]
    for j in range(size - 1, 0, -1):
        tree[j] = tree[2 * j] + tree[2 * j + 1]
    return tree


@kernel
def set_hazard(tree, i, hazard):
    """Change one leaf."""
    j = tree.size // 2 + i
    tree[j] = hazard
    j //= 2
    while j > 0:
        tree[j] = tree[2 * j] + tree[2 * j + 1]
        j //= 2


@kernel
def next_flip(tree, start, step):
    """The position in whose interval a step from the beginning of ``start`` ends; the number of leaves if it passes all."""
    size = tree.size // 2
    if start >= size:
        return size
    node = start + size
    while True:
        while node & 1 == 0:  # a left child: the whole parent lies ahead
            node >>= 1
        if step < tree[node]:
            break
        step -= tree[node]
        node += 1
        if node & (node - 1) == 0:  # behind the last leaf of a level
            return size
    while node < size:
        node *= 2
        if step >= tree[node] and tree[node + 1] > 0.0:
            step -= tree[node]
            node += 1
    return node - size


@kernel
def step_within(s, total):
    """An exponential step, given that it is shorter than ``total``."""
    return -math.log1p(uniform(s) * math.expm1(-total))


@kernel
def prefix_sums(hazards):
    """The sums of the hazards before each position."""
    result = np.zeros(hazards.size)
    for i in range(1, hazards.size):
        result[i] = result[i - 1] + hazards[i - 1]
    return result
