"""The two errors a user of driftproof meets; both are one line that says what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """An argument is wrong. The message names the argument, its value and what would be right."""


class PreconditionError(ValueError):
    """A drift theorem was applied where one of its conditions fails or can't be decided.

    Attributes
    ----------
    condition : str
        The condition, in words or as a formula.
    witness : object
        A value for which it fails, or None where it could not be decided.
    """

    def __init__(self, theorem: str, condition: str, witness: object = None, advice: str = "") -> None:
        self.theorem, self.condition, self.witness = theorem, condition, witness
        how = f"fails at {witness}" if witness is not None else "can't be decided"
        super().__init__(f"{theorem}: the condition '{condition}' {how}" + (f"; {advice}" if advice else ""))


def nearest(name: str, known: Iterable[str], besides: str = "") -> str:
    """The end of an error message about an unknown name: the nearest known one, or all of them, and what else would be right.

    >>> nearest("onemx", ["OneMax", "Needle"])
    'did you mean OneMax?'
    """
    known = list(known)
    folded = {k.lower(): k for k in known}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean {folded[close[0]]}?"
    return "known are " + ", ".join([*sorted(known), *([besides] if besides else [])])
