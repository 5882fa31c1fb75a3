"""Where a run starts: the words of the user, read once for the exact engine and the simulator.

========================  ===================================================================================
``"uniform"``             each bit is one with probability 1/2
``"zeros"``               the point 0^n, literally
``"worst"``               the start with the largest expected runtime, where theory knows it
an integer                so many zero-bits (bits that differ from the optimum), uniform among those points
an array of 0 and 1       that point, in the user's form (on colourings: an array of colours)
========================  ===================================================================================
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory.errors import InputError, nearest
from theory.problems.base import Problem

WORDS = ("uniform", "zeros", "worst")


@dataclass(frozen=True, eq=False)
class Start:
    """A start that was read.

    Attributes
    ----------
    kind : {"uniform", "worst", "count", "point"}
    zeros : int
        The number of zero-bits of a count or a point, otherwise -1.
    bits : uint8 array
        Canonical bits (1 = agrees with the optimum) of a point, otherwise empty.
    word : str or int
        As a table shows it.
    """

    kind: str
    zeros: int = -1
    bits: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))
    word: str | int = ""


def read_start(start: Any, problem: Problem, n: int) -> Start:
    """Read a start as the user gives it.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> from theory import Linear, OneMax
    >>> read_start("zeros", OneMax(), 3).zeros, read_start("zeros", Linear([1, -2, 3]), 3).zeros
    (3, 2)
    """
    if problem.space != "bits":
        return _other_start(start, problem, n)
    if isinstance(start, str):
        if start == "zeros":
            if type(problem).optimum is Problem.optimum:  # all ones: nothing of size n needs to be made
                return Start("count", n, word=start)
            return _point(np.zeros(n, dtype=np.uint8), problem, n, start)
        if start in WORDS:
            return Start(start, word=start)
        raise InputError(f"start: unknown start '{start}'; {nearest(start, WORDS, 'a number of zero-bits or an array of bits')}")
    if isinstance(start, (int, np.integer)) and not isinstance(start, bool):
        if not 0 <= start <= n:
            raise InputError(f"start: {start} zero-bits are not possible with n = {n}; from 0 to {n} are")
        return Start("count", int(start), word=int(start))
    try:
        bits = np.asarray(start)
        right = bits.ndim == 1 and bits.dtype.kind in "biuf" and bool(((bits == 0) | (bits == 1)).all())
    except (TypeError, ValueError):
        right = False
    if not right:
        raise InputError(f"start: {start!r} must be one of {', '.join(WORDS)}, a number of zero-bits or an array of 0 and 1")
    if bits.size != n:
        raise InputError(f"start: has {bits.size} bits, but n = {n}")
    bits = bits.astype(np.uint8)
    text = "".join(map(str, bits)) if n <= 64 else f"{n} bits, sha256 {hashlib.sha256(bits.tobytes()).hexdigest()[:16]}"
    return _point(bits, problem, n, text)


def _other_start(start: Any, problem: Problem, n: int) -> Start:
    """On colourings an array of colours is a start, too; for "uniform" each point is equally likely."""
    if isinstance(start, str) and start == "uniform":
        return Start(start, word=start)
    if problem.space == "colours" and not isinstance(start, (str, int)):
        try:
            colours = np.asarray(start)
            right = colours.shape == (n,) and bool(((colours >= 0) & (colours < problem.letters) & (colours % 1 == 0)).all())
        except (TypeError, ValueError):
            right = False
        if right:
            colours = np.ascontiguousarray(colours, dtype=np.uint8)
            return Start("point", bits=colours, word=f"{n} colours, sha256 {hashlib.sha256(colours.tobytes()).hexdigest()[:16]}")
    more = f" or an array of {n} colours from 0 to {problem.letters - 1}" if problem.space == "colours" else ""
    raise InputError(f"start: {start!r} must be 'uniform'{more} on {problem.name}")


def _point(bits: np.ndarray, problem: Problem, n: int, word: str) -> Start:
    canonical = np.ascontiguousarray(bits == problem.optimum(n), dtype=np.uint8)
    return Start("point", int(n - canonical.sum(dtype=np.int64)), canonical, word)
