"""What a fact is, and what replaying one gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What replaying a fact gave: ``holds`` (None: not decided), the ``level`` of certainty, and how, in words."""

    holds: bool | None
    level: str
    how: str

    def __str__(self) -> str:
        return f"{ {True: 'holds', False: 'FAILS', None: 'not replayed'}[self.holds] } ({self.level}: {self.how})"


class Fact(ABC):
    """Something that can be found out again."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The fact as a formula or a sentence."""

    @abstractmethod
    def replay(self) -> Outcome:
        """Evaluate it again, from the data alone."""

    def __str__(self) -> str:
        return self.text
