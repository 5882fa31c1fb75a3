"""Where a run starts, in the kernels' terms; the words are read in :mod:`theory.starts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.kernels.codes import BITS, UNIFORM, ZEROS
from theory.process import Process
from theory.starts import read_start
from theory.values import Number

KINDS = {"uniform": int(UNIFORM), "count": int(ZEROS), "point": int(BITS)}


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
        If it is none, if the algorithm chooses its start itself, or if the worst one isn't known.

    Examples
    --------
    >>> from theory import RLS, OneMax
    >>> resolve("zeros", RLS().on(OneMax()), {"n": 3}).zeros
    3
    """
    n = int(values["n"])
    process.algorithm.check_start(start)
    read = read_start(start, process.problem, n)
    word = read.word
    if read.kind == "worst":
        from theory.exact import worst_start

        read = read_start(worst_start(process, **values)[0], process.problem, n)
    return Start(KINDS[read.kind], read.zeros, word, read.bits)
