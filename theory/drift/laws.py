"""The full transition law that some theorems need: read exactly from a process, or given state by state.

``law[x]`` maps each next state to its probability, in fractions; states are the integers 0, ..., N and X_t is the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from theory.errors import InputError
from theory.process import Process
from theory.symbols import SYMBOLS
from theory.values import exact, number

Row = dict[int, Fraction]


@dataclass(frozen=True)
class Law:
    """A chain on 0, ..., N.

    Attributes
    ----------
    rows : tuple of dict
        By state, the diagonal included; each sums to 1.
    source : Process or tuple of tuples
        What it was read from, for replaying.
    values : tuple of (name, value)
        Of n and c.
    """

    rows: tuple[Row, ...]
    source: Any
    values: tuple

    @property
    def conditions(self) -> tuple:
        """The values as conditions of a bound."""
        return tuple(
            sympy.Eq(SYMBOLS[name], sympy.Rational(Fraction(x).numerator, Fraction(x).denominator), evaluate=False)
            for name, x in self.values
        )

    def start(self, state: int) -> Any:
        """What a bound from this state speaks of: so many zero-bits of a process, or the state of a chain that was given."""
        return state if isinstance(self.source, Process) else f"start in state {state}"

    @property
    def name(self) -> str:
        """The chain in words."""
        if isinstance(self.source, Process):
            return f"{self.source} at {', '.join(f'{x} = {y}' for x, y in self.values)}"
        return f"the chain given on 0, ..., {len(self.rows) - 1}"


def read_law(given: Any, values: Mapping[str, Any]) -> Law:
    """Read a Process at values of n and c (its state must be the number of zero-bits), or rows of a transition law.

    Raises
    ------
    InputError
        For processes without such a chain, and rows that are no probabilities.

    Examples
    --------
    >>> read_law([{0: 1}, {0: "1/2", 1: "1/2"}], {}).rows[1]
    {0: Fraction(1, 2), 1: Fraction(1, 2)}
    """
    if isinstance(given, Process):
        from theory.drift.tables import _chain
        from theory.exact import counts

        if not (given.problem.symmetric or counts.applies(given)):
            raise InputError(f"drift: the state of {given} is not the number of zero-bits alone; give the rows of a chain")
        _, rows, _, checked = _chain(given, dict(values), None)
        full = [_with_diagonal(row, i) for i, row in enumerate(rows)]
        return Law(tuple(full), given, tuple((name, Fraction(exact(x))) for name, x in checked.items()))
    if isinstance(given, (str, Mapping)) or not isinstance(given, Sequence) or not given:
        raise InputError("drift: give a process with values, or a list of rows {next state: probability}, one a state")
    if values:
        raise InputError(f"{next(iter(values))}: belongs to a process; rows are numbers already")
    rows = []
    for i, row in enumerate(given):
        if not isinstance(row, Mapping):
            raise InputError(f"drift: row {i} must be a mapping from next states to probabilities")
        if not all(isinstance(to, (int, np.integer)) and not isinstance(to, bool) for to in row):
            raise InputError(f"drift: row {i} must have states for keys, integers from 0 to {len(given) - 1}")
        read = {int(to): Fraction(exact(number(chance, "drift"))) for to, chance in row.items()}
        if any(not 0 <= to < len(given) for to in read) or any(x < 0 for x in read.values()) or sum(read.values()) != 1:
            raise InputError(f"drift: row {i} must hold probabilities of the states 0 to {len(given) - 1} that add up to 1")
        rows.append({to: x for to, x in read.items() if x})
    return Law(tuple(rows), tuple(tuple(sorted(row.items())) for row in rows), ())


def again(source: Any, values: Any) -> Law:
    """The law from what a derivation holds."""
    if isinstance(source, Process):
        return read_law(source, dict(values))
    return read_law([dict(row) for row in source], {})


def _with_diagonal(row: Row, i: int) -> Row:
    rest = 1 - sum(row.values(), Fraction(0))
    return {**row, i: rest} if rest else dict(row)
