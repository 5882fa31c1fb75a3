"""Randomised local search: flip ``flips`` uniform positions, all different; keep the offspring if it is not worse."""

from __future__ import annotations

from theory.algorithms.base import Algorithm, truth
from theory.errors import InputError
from theory.problems.base import positive_integer
from theory.values import Number


class RLS(Algorithm):
    """Randomised local search: flip exactly ``flips`` uniform positions.

    >>> RLS()
    RLS(flips=1)
    """

    def __init__(self, flips: int = 1, strict: bool = False) -> None:
        self.flips = positive_integer(flips, "flips")
        self.strict = truth(strict, "strict")

    @property
    def key(self) -> str:
        return f"RLS(flips={self.flips}{', strict=True' if self.strict else ''})"

    def check(self, values: dict[str, Number]) -> None:
        if self.flips > values["n"]:
            raise InputError(f"flips: {self.flips} must be at most n = {values['n']}")
