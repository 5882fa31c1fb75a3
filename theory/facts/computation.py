"""The result of a computation as a fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theory.facts.base import Fact, Outcome


@dataclass(frozen=True)
class Computation(Fact):
    """A deterministic computation of ``theory`` whose result can be had again: an LP with its dual, an interval proof.

    Attributes
    ----------
    function : str
        ``"theory.module:function"``; see :mod:`theory.computations` for the functions that run.
    arguments : tuple of (name, value)
        JSON values, Fractions, expressions or processes; texts are words and numbers.
    result : Any
        What it must return.
    about : str
        What the result means, in a sentence.
    level : str
        The level of certainty of the function's result: "exact" or "balls".

    Examples
    --------
    >>> from fractions import Fraction
    >>> print(Computation("theory.values:exact", (("value", "1/3"),), Fraction(1, 3), "one third").replay())
    holds (exact: theory.values:exact gives 1/3 again)
    """

    function: str
    arguments: tuple = ()
    result: Any = True
    about: str = ""
    level: str = "exact"

    @property
    def text(self) -> str:
        given = ", ".join(f"{name} = {value}" for name, value in self.arguments)
        return self.about or f"{self.function}({given}) = {self.result}"

    def replay(self) -> Outcome:
        from theory.computations import run

        found = run(self.function, self.arguments)
        said = str(found) if len(str(found)) < 60 else "its result"
        if found == self.result:
            return Outcome(True, self.level, f"{self.function} gives {said} again")
        return Outcome(False, self.level, f"{self.function} gives {said}, not {str(self.result)[:60]}")
