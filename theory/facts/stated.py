"""Facts that nothing here can replay: what the user declares, what the literature proves."""

from __future__ import annotations

from dataclasses import dataclass

from theory.facts.base import Fact, Outcome


@dataclass(frozen=True)
class Declared(Fact):
    """What the user says of a process; nothing here can prove it, a simulation can refute it."""

    declaration: str

    @property
    def text(self) -> str:
        return self.declaration

    def replay(self) -> Outcome:
        return Outcome(None, "declared", "declared by the user")


@dataclass(frozen=True)
class Cited(Fact):
    """A theorem of the literature that is used as it stands."""

    theorem: str
    source: str

    @property
    def text(self) -> str:
        return f"{self.theorem} ({self.source})"

    def replay(self) -> Outcome:
        return Outcome(None, "cited", self.source)
