"""Starts and letters where a point is a word over 0, ..., letters - 1."""

from __future__ import annotations

from sim.kernels.codes import UNIFORM
from sim.kernels.random import below
from theory.jit import kernel


@kernel
def draw_word(s, x, letters, kind, word):
    """Fill x with uniform letters, or with a word that was given."""
    for i in range(x.size):
        x[i] = below(s, letters) if kind == UNIFORM else word[i]


@kernel
def other_letter(s, letter, letters):
    """A uniform letter, but not this one."""
    return (letter + 1 + below(s, letters - 1)) % letters
