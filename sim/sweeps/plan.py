"""A plan: the table of a sweep's cells, and the hash by which a store knows it again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.sweeps.cell import Cell, key_of
from theory.errors import InputError


class Plan:
    """The cells of a sweep. Their order is that of the final table; the hash doesn't depend on it.

    Parameters
    ----------
    cells : iterable of cells
        :class:`SimulationCell` objects, or others with the members of :class:`sim.sweeps.cell.Cell`.

    Attributes
    ----------
    cells : tuple
    keys : tuple of str
        One a cell, made from its description.
    hash : str
        Of the set of keys: two plans with the same one are the same plan.

    Raises
    ------
    InputError
        If there is no cell, or if two of them would make the same runs.

    Examples
    --------
    >>> from theory import RLS, OneMax, LeadingOnes
    >>> processes = [RLS().on(OneMax()), RLS().on(LeadingOnes())]
    >>> plan = Plan.grid(process=processes, n=[10, 20, 30], replicates=100, seed=7)
    >>> len(plan), plan.cells[1].label
    (6, 'RLS(flips=1) on OneMax(), n=20')
    """

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = tuple(cells)
        if not self.cells:
            raise InputError("plan: has no cells; give at least one")
        for number, cell in enumerate(self.cells):
            if not callable(getattr(cell, "run", None)) or not callable(getattr(cell, "describe", None)):
                raise InputError(f"plan: cell {number} is {cell!r:.60}; give SimulationCell objects, or mappings to Plan.of")
        self.keys = tuple(key_of(cell) for cell in self.cells)
        self.hash = hashlib.sha256("\n".join(sorted(self.keys)).encode()).hexdigest()[:16]
        _refuse_repeated(self.cells, self.keys)

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __repr__(self) -> str:
        return f"Plan({len(self)} cells, hash {self.hash})"

    @classmethod
    def grid(cls, *, seed: int = 0, **parts: Any) -> Plan:
        """Cross lists: ``Plan.grid(process=[...], n=[100, 200], c=[1, 2], replicates=100, seed=7)``.

        Parameters
        ----------
        seed : int
        **parts
            ``process`` (or ``algorithm``, ``rate`` and ``problem`` as on the command line), ``n``, ``c``, ``replicates``,
            ``start``, ``engine``, ``budget``: a value, or a list of values; a numpy array as ``start`` is one point.
            ``observe`` is taken as it stands.
        """
        return cls.of({"seed": seed, "cells": [parts]})

    @classmethod
    def read(cls, path: str | os.PathLike, kinds: Iterable[Any] | None = None) -> Plan:
        """Read a YAML file.

        Parameters
        ----------
        path : path
        kinds : iterable of Kind, optional
            The kinds of cells that the plan may have (see :mod:`sim.sweeps.read`); default: simulations.

        Raises
        ------
        InputError
            Naming line and column.
        """
        from sim.sweeps.read import cells_of, from_yaml

        return cls(cells_of(from_yaml(path), kinds))

    @classmethod
    def of(cls, plan: Any) -> Plan:
        """A plan from what a user gives: a plan, the path of a YAML file, a mapping of its form, or a sequence of cells.

        >>> Plan.of({"seed": 7, "cells": [{"algorithm": "rls", "problem": "onemax", "n": [5, 6], "replicates": 3}]})
        Plan(2 cells, hash ...)
        """
        from sim.sweeps.read import cells_of, from_python

        if isinstance(plan, cls):
            return plan
        if isinstance(plan, (str, os.PathLike)):
            return cls.read(plan)
        if isinstance(plan, Mapping):
            return cls(cells_of(from_python(plan)))
        if not isinstance(plan, Iterable):
            raise InputError(f"plan: {plan!r:.60} must be a Plan, the path of a YAML file, a mapping or a sequence of cells")
        return cls(plan)


def _refuse_repeated(cells: tuple[Cell, ...], keys: tuple[str, ...]) -> None:
    """Runs that are in the table twice would be counted as independent ones."""
    seen: dict[Any, int] = {}
    for number, (cell, key) in enumerate(zip(cells, keys, strict=True)):
        first = seen.setdefault(getattr(cell, "same_runs", key), number)
        if first != number:
            raise InputError(
                f"plan: cells {first + 1} and {number + 1} make the same runs ({cell.label}); drop one or give it its own seed"
            )
