"""A picture for an experiment that has none of its own: drawn from its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from proofs_check.claim import Cell, Outcome, Setting
from proofs_check.figure import Figure, Series


def pictured(decide: Callable[[Setting], Outcome], draw: Callable[[Setting, Outcome], Figure]) -> Callable[[Setting], Outcome]:
    """The same decision, its outcome with the picture that ``draw`` makes of it."""

    def decided(setting: Setting) -> Outcome:
        outcome = decide(setting)
        return replace(outcome, figure=draw(setting, outcome))

    return decided


def points(label: str, x: tuple[float, ...], cells: tuple[Cell, ...], by: tuple[float, ...] | None = None) -> Series:
    """What was measured in these cells, each y over a number where ``by`` is given.

    >>> cell = Cell("n = 10", "consistent", 47.9, 48.0, (47.0, 49.0))
    >>> points("runs", (10.0,), (cell,), by=(2.0,)).y
    (24.0,)
    """
    scale = by or (1.0,) * len(cells)
    assert all(cell.measured is not None and cell.interval is not None for cell in cells)
    y = tuple((cell.measured or 0.0) / s for cell, s in zip(cells, scale))
    low, high = (tuple((cell.interval or (0.0, 0.0))[side] / s for cell, s in zip(cells, scale)) for side in (0, 1))
    return Series(label, "measured", x, y, low, high)
