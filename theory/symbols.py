"""The symbols in which rates, potentials and bounds are written.

========  =====================================================================
``n``     number of bits (a positive integer)
``c``     the rate's constant, as in the mutation rate p = c/n
``t``     number of the offspring; t = 1 is the first one
``k``     number of zero-bits of the current point (bits that differ from the optimum)
``v``     fitness of the current point
``i``     position of a bit, 1 for the first; in rates on :class:`theory.InitialSegment` alone
========  =====================================================================
"""

from __future__ import annotations

from sympy import Symbol

n = Symbol("n", integer=True, positive=True)
c = Symbol("c", positive=True)
t = Symbol("t", integer=True, positive=True)
k = Symbol("k", integer=True, nonnegative=True)
v = Symbol("v", real=True)
i = Symbol("i", integer=True, positive=True)

SYMBOLS = {s.name: s for s in (n, c, t, k, v)}
RATE_SYMBOLS = {**SYMBOLS, "i": i}
