"""verify: a bound's derivation replayed at four levels, and the certificate that says what holds.

A certificate is JSON: the bound, its process, its derivation with every premise as data, and what was found. The last part is for
readers; :mod:`proofs_check.replay`, a checker of its own, evaluates the rest again from the file alone.

The verdict is the worst of what was found:

==============  ======================================================================================================
*refuted*       the formula isn't what the last step concludes, a premise fails, or a level found a violation
*inconclusive*  the last step is missing, or a premise could not be decided
*consistent*    a premise is a limit that numbers point to, is declared by the user, or cited
*certified*     every premise holds, some in balls, or on whole chains at small n: ``scope`` says for which n
*proved*        every premise holds for all values, symbolically or in fractions
==============  ======================================================================================================

Why premises about a process hold beyond the n at which whole chains are replayed is what the derivation's sentences say; those
aren't checked.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofs_check import levels
from proofs_check.levels import Level, Premise
from proofs_check.link import Link, link
from theory.arguments import plain_arguments
from theory.bound import Bound
from theory.errors import InputError
from theory.serial import encode

VERSION = 1
SMALLEST = 3
"""The bound itself is held against whole chains up to this n, also where the level *exact* isn't asked for."""
NAMES = ("symbolic", "certified", "exact", "statistical")


@dataclass(frozen=True)
class Certificate:
    """What verifying a bound gave; print it, or :meth:`save` it for the independent checker.

    Attributes
    ----------
    bound : Bound
    link : Link
        Whether the formula follows from the last step.
    premises : tuple of Premise
    levels : tuple of Level
        Symbolic, certified, exact, statistical: those that were asked for.
    seconds : float
    """

    bound: Bound
    link: Link
    premises: tuple[Premise, ...]
    levels: tuple[Level, ...]
    seconds: float

    @property
    def verdict(self) -> str:
        """refuted, inconclusive, consistent, certified or proved; see the head of this file."""
        found = [self.link.holds, *(p.holds for p in self.premises if p.level not in ("declared", "cited"))]
        if False in found or any(level.holds is False for level in self.levels):
            return "refuted"
        if None in found or self.bound.derivation is None:
            return "inconclusive"
        kinds = {premise.level for premise in self.premises}
        if kinds & {"numeric", "declared", "cited"}:
            return "consistent"
        return "certified" if "balls" in kinds or self._small() or self._tried else "proved"

    def _small(self) -> list[int]:
        return [premise.largest for premise in self.premises if premise.largest is not None]

    @property
    def _tried(self) -> bool:
        """Whether it is about a process, but no premise is: then the lemma's hypotheses were tried on small chains only."""
        return self.bound.process is not None and not self._small()

    @property
    def scope(self) -> str:
        """For which n: premises about the process, and some sums, are replayed n by n, everything else for all values."""
        small = self._small()
        if self._tried:
            return f"certified for n <= {SMALLEST}: its lemma's hypotheses on whole chains; the premises for all values"
        if not small:
            return "for all values"
        said = "1 premise is" if len(small) == 1 else f"{len(small)} of {len(self.premises)} premises are"
        return f"certified for n <= {min(small)}: {said} replayed n by n, on whole chains or in sums; the others for all values"

    def level(self, name: str) -> Level:
        """One of the levels."""
        return next(level for level in self.levels if level.name == name)

    def to_dict(self) -> dict[str, Any]:
        """The certificate as plain values."""
        return {**document(self.bound), "found": self._found()}

    def _found(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict, "scope": self.scope, "seconds": round(self.seconds, 3),
            "link": {"holds": self.link.holds, "how": self.link.how},
            "levels": {level.name: {"holds": level.holds, "how": level.how} for level in self.levels},
            "premises": [{"text": p.text, "holds": p.holds, "level": p.level, "how": p.how} for p in self.premises],
        }  # fmt: skip

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict())

    def save(self, path: str | Path) -> None:
        """Write the JSON: to a temporary name first, then renamed."""
        from theory.files import write_whole

        try:
            write_whole(Path(path), self.to_json().encode())
        except OSError as error:
            raise InputError(f"path: can't write {path}: {error.strerror}; name a file in a folder that exists") from None

    def __str__(self) -> str:
        sign = {True: "holds", False: "FAILS", None: "-"}
        lines = [
            f"{self.bound}",
            f"verdict: {self.verdict} ({self.scope})",
            f"  last step: {sign[self.link.holds]}: {self.link.how}",
        ]
        lines += [f"  {level.name}: {sign[level.holds]}: {level.how}" for level in self.levels]
        lines += [f"    {sign[p.holds]} ({p.level}) {p.text}: {p.how}" for p in self.premises if p.holds is not True]
        return "\n".join(lines)


@plain_arguments
def verify(
    bound: Bound,
    *,
    levels: tuple[str, ...] = NAMES,
    replicates: int = 2000,
    seed: int = 0,
    error: float = 1e-4,
    effect: float = 0.2,
) -> Certificate:
    """Replay a bound's derivation and say at which levels it holds.

    Parameters
    ----------
    bound : Bound
        A derived one.
    levels : tuple of {"symbolic", "certified", "exact", "statistical"}
        Where to look; the last step and the premises always are.
    replicates, seed : int
        Of the simulation.
    error, effect : float
        Of the simulation's test: the probability of refuting a true bound, and the violation that must be seen.

    Returns
    -------
    Certificate

    Raises
    ------
    InputError
        For a bound that isn't derived, or an unknown level.

    Examples
    --------
    >>> from theory import OneMax, RLS
    >>> certificate = verify(RLS().on(OneMax()).bounds()[0], levels=("symbolic", "exact"))
    >>> certificate.verdict, certificate.level("exact").holds
    ('certified', True)
    """
    for name in levels:
        if name not in NAMES:
            raise InputError(f"levels: {name!r} is not known; give some of {', '.join(NAMES)}")
    if not isinstance(bound, Bound):
        raise InputError(f"bound: {bound!r} is no Bound; give one of process.bounds()")
    if bound.status != "derived" or bound.derivation is None:
        raise InputError(f"bound: it is {bound.status}, so there is no derivation to replay; its source is {bound.source}")
    begin = time.perf_counter()
    found, last = _premises(bound), _last_step(bound)
    made = {
        "symbolic": lambda: _symbolic(last, found),
        "certified": lambda: _certified(bound, found),
        "exact": lambda: _exact(bound, found),
        "statistical": lambda: _statistical(bound, replicates, seed, error, effect),
    }
    chosen = tuple(made[name]() for name in NAMES if name in levels)
    return Certificate(bound, last, tuple(found), chosen, time.perf_counter() - begin)


def document(bound: Bound) -> dict[str, Any]:
    """A bound and its derivation as plain values: the part of a certificate that the independent checker reads."""
    from proofs_check.link import claimed
    from theory.bounds.common import domain

    process = bound.process
    return {
        "driftproof certificate": VERSION,
        "bound": {
            "is": "Bound", "quantity": bound.quantity, "direction": bound.direction, "expr": encode(bound.expr),
            "conditions": encode(bound.conditions), "range": encode(claimed(bound)[len(bound.conditions) :]),
            "existence": encode(() if process is None else domain(process)), "start": encode(bound.start), "unit": bound.unit,
            "source": str(bound.source), "statement": bound.statement,
        },
        "process": None if process is None else encode(process),
        "derivation": encode(bound.derivation),
    }  # fmt: skip


# The parameter `levels` of verify hides the module of that name, so these reach it.


def _premises(bound: Bound) -> list[Premise]:
    return levels.premises(bound)


def _last_step(bound: Bound) -> Link:
    """The link; and the bound on the smallest chains, whatever levels are asked for."""
    last, small = link(bound), levels.exact(bound, largest=SMALLEST)
    return Link(False, small.how, "exact") if last.holds is True and small.holds is False else last


def _symbolic(last: Link, found: list[Premise]) -> Level:
    if last.holds is not True:
        return Level("symbolic", last.holds, last.how)
    number = sum(p.level == "symbolic" and p.holds is True for p in found)
    return Level("symbolic", True, f"{last.how}; {number} of {len(found)} premises hold for all values")


def _with_premises(level: Level, found: list[Premise], kind: str) -> Level:
    """A level, and the premises that are decided there."""
    own = [p for p in found if p.level == kind]
    wrong = next((p for p in own if p.holds is False), None)
    if wrong is not None:
        return Level(level.name, False, f"{wrong.text}: {wrong.how}")
    if not own:
        return level
    said = f"{len(own)} premises" if len(own) > 1 else "1 premise"
    return Level(level.name, level.holds if level.holds is not None else True, f"{said}; {level.how}")


def _certified(bound: Bound, found: list[Premise]) -> Level:
    return _with_premises(levels.certified(bound), found, "balls")


def _exact(bound: Bound, found: list[Premise]) -> Level:
    return _with_premises(levels.exact(bound), found, "exact")


def _statistical(bound: Bound, replicates: int, seed: int, error: float, effect: float) -> Level:
    return levels.statistical(bound, replicates, seed, error, effect)
