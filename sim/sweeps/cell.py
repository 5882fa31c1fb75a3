"""What a sweep asks of a cell: a description, from which its key is made, and something to call.

A cell may be a simulation (:class:`sim.sweeps.simulation.SimulationCell`) or anything else with these members whose result
is a table: the sweep and its store never look inside.
"""

from __future__ import annotations

import hashlib
import json
import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from theory.files import machine_facts, version_of

if TYPE_CHECKING:
    import pyarrow


class Cell(Protocol):
    """One cell of a plan. On a cluster it is pickled and sent to the machine that runs it.

    Attributes
    ----------
    label : str
        What a progress bar and an error call it.
    group : str
        Cells of one group take about the same time for the same amount of work.
    work : float or None
        Expected amount of work, in a unit of the group's own; None where nothing is known.
    """

    @property
    def label(self) -> str: ...

    @property
    def group(self) -> str: ...

    @property
    def work(self) -> float | None: ...

    def describe(self) -> dict[str, Any]:
        """All that the result depends on, in plain JSON: two cells with the same description are the same cell."""

    def run(self, threads: int | None) -> pyarrow.Table:
        """The result: the same for the same description, whatever the number of threads."""


def key_of(cell: Cell) -> str:
    """The key of a cell: a digest of its description, which serves as a file's name."""
    text = json.dumps(cell.describe(), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Outcome:
    """What became of a cell.

    Attributes
    ----------
    content : bytes or None
        A Parquet file, or None where the cell failed.
    reason : str
        One line that says why it failed; empty where it didn't.
    seconds : float
    facts : dict
        Of the machine and the versions that it ran with.
    """

    content: bytes | None
    reason: str
    seconds: float
    facts: dict[str, Any]


def attempt(cell: Cell, threads: int | None) -> Outcome:
    """Run a cell; what it raises becomes the reason of its failure (Ctrl-C passes through)."""
    from sim.runs_file import parquet_bytes

    began = time.perf_counter()
    content, reason = None, ""
    try:
        content = parquet_bytes(cell.run(threads))
    except Exception as error:  # whatever it is: the other cells go on
        reason = one_line(error)
    return Outcome(content, reason, time.perf_counter() - began, facts())


def one_line(error: BaseException) -> str:
    """An error in one line; a wrong input speaks for itself, anything else with its type.

    >>> one_line(KeyError("x"))
    "KeyError: 'x'"
    """
    from theory.errors import InputError

    text = " ".join(str(error).split())[:500]
    return text if isinstance(error, InputError) else f"{type(error).__name__}: {text}".rstrip(": ")


def facts() -> dict[str, Any]:
    """Of this machine, and of the versions with which cells are made on it."""
    versions = {package: version_of(package) for package in ("driftproof", "numba", "numpy", "pyarrow")}
    return {**machine_facts(), "versions": {**versions, "python": platform.python_version()}}
