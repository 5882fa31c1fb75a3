"""Where a run starts: the words of the user, turned into the numbers that kernels take.

========================  ===================================================================================
``"uniform"``             each bit is one with probability 1/2
``"zeros"``               the point 0^n, literally
``"worst"``               the start with the largest expected runtime, where theory knows it
an integer                so many zero-bits (bits that differ from the optimum), uniform among those points
an array of 0 and 1       that point, in the user's form
========================  ===================================================================================
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.kernels.codes import BITS, UNIFORM, ZEROS
from theory.errors import InputError, nearest
from theory.problems.base import Problem
from theory.process import Process
from theory.values import Number

WORDS = ("uniform", "zeros", "worst")


@dataclass(frozen=True)
class Start:
    """A start in the kernels' terms.

    Attributes
    ----------
    kind : int
        A code of :mod:`sim.kernels.codes`.
    zeros : int
        The number of zero-bits; -1 for a uniform start.
    bits : uint8 array
        Canonical bits where ``kind`` is BITS, otherwise empty.
    word : str or int
        As a table shows it.
    """

    kind: int
    zeros: int
    word: str | int
    bits: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))


def resolve(start: Any, process: Process, values: dict[str, Number]) -> Start:
    """Read a start as the user gives it.

    Raises
    ------
    InputError
        If it is none, or if the worst one isn't known.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> resolve("zeros", RLS().on(OneMax()), {"n": 3}).zeros
    3
    """
    n = int(values["n"])
    if isinstance(start, str):
        if start == "uniform":
            return Start(int(UNIFORM), -1, "uniform")
        if start == "zeros":
            if type(process.problem).optimum is Problem.optimum:  # all ones: nothing of size n needs to be made
                return Start(int(ZEROS), n, "zeros")
            return _point(np.zeros(n, dtype=np.uint8), process, n, "zeros")
        if start == "worst":
            from theory.exact import worst_start

            found = resolve(worst_start(process, **values)[0], process, values)
            return Start(found.kind, found.zeros, "worst", found.bits)
        raise InputError(f"start: unknown start '{start}'; {nearest(start, WORDS)}, a number of zero-bits or an array of bits")
    if isinstance(start, (bool, np.bool_)):
        raise InputError(f"start: {start} must be one of {', '.join(WORDS)}, a number of zero-bits or an array of bits")
    if isinstance(start, (int, np.integer)):
        if not 0 <= start <= n:
            raise InputError(f"start: {start} zero-bits are not possible with n = {n}; from 0 to {n} are")
        return Start(int(ZEROS), int(start), int(start))
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
    return _point(bits, process, n, text)


def _point(bits: np.ndarray, process: Process, n: int, word: str) -> Start:
    canonical = np.ascontiguousarray(bits == process.problem.optimum(n), dtype=np.uint8)
    return Start(int(BITS), int(n - canonical.sum(dtype=np.int64)), word, canonical)
