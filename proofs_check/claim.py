"""Claim: one statement of a paper, theory's prediction, and the experiment that decides it.

A claim is decided by a function ``decide(setting) -> Outcome``; the usual ones are made in :mod:`proofs_check.decide`. Its
error rate and its seed are fixed in :mod:`proofs_check.registry`, whatever else is checked beside it. Its *mutant* is a
prediction that is wrong in a stated way: the same experiment must refute it, which a test makes sure of.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proofs_check.figure import Figure
from proofs_check.registry import error_rate, seed_of

PRESETS = ("quick", "full")


@dataclass(frozen=True)
class Setting:
    """The circumstances under which a claim is decided.

    Attributes
    ----------
    preset : {"quick", "full"}
    seed : int
    error : float
        The probability with which a true statement may be refuted.
    effect : float
        The smallest violation that must be seen with probability 0.9.
    mutant : bool
        Decide the mutant instead.
    """

    preset: str
    seed: int
    error: float
    effect: float
    mutant: bool = False

    def choose(self, quick: Any, full: Any) -> Any:
        """The one that belongs to the preset."""
        return quick if self.preset == "quick" else full


@dataclass(frozen=True)
class Cell:
    """One measurement of a claim beside its prediction; ``exact`` is the exact value, where the prediction is a bound."""

    where: str
    verdict: str
    prediction: float | None = None
    measured: float | None = None
    interval: tuple[float, float] | None = None
    exact: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What came out: of several cells the one that decided (the worst verdict, then the least room).

    ``prediction`` and ``measured`` are numbers where the claim is about one; ``interval`` contains what was measured with
    confidence 1 - error; ``exact`` is the exact value, where the prediction is a bound. ``cells`` are all of them, ``figure``
    is a picture of prediction and measurement where one says more than the cells.
    """

    verdict: str
    reason: str
    prediction: float | None = None
    measured: float | None = None
    interval: tuple[float, float] | None = None
    power: float = math.nan
    exact: float | None = None
    cells: tuple[Cell, ...] = ()
    figure: Figure | None = None


@dataclass(frozen=True)
class Claim:
    """One statement of a paper and how it is decided.

    Attributes
    ----------
    id : str
        Unique; the registry's key.
    paper : str
        The paper's slug.
    statement : str
    source : str
        Author, year, theorem or section.
    mutant : str
        What the mutant changes.
    effect : float
        The smallest violation that must be seen with probability 0.9 (0 for claims decided without statistics).
    decide : callable
        ``decide(setting) -> Outcome``.
    formula : str
        The statement in LaTeX without dollar signs, for the report; empty where words say it all.
    where : str
        What the formula's letters mean, as far as they aren't in :mod:`proofs_check.notation`: "d is the drift; s_min is ...".
    """

    id: str
    paper: str
    statement: str
    source: str
    mutant: str
    effect: float
    decide: Callable[[Setting], Outcome]
    formula: str = ""
    where: str = ""

    def run(self, preset: str = "quick", mutant: bool = False) -> Result:
        """Decide the claim, or its mutant."""
        begin = time.perf_counter()
        try:
            outcome = self.decide(self.setting(preset, mutant))
        except Exception as error:  # a claim that can't be decided must not hide the others
            first = (str(error).splitlines() or [""])[0]
            outcome = Outcome("failed", f"{type(error).__name__}: {first}")
        return self.result(preset, outcome, time.perf_counter() - begin)

    def setting(self, preset: str, mutant: bool = False) -> Setting:
        """The circumstances under which it is decided."""
        assert preset in PRESETS
        return Setting(preset, seed_of(self.id), error_rate(self.id), self.effect, mutant)

    def result(self, preset: str, outcome: Outcome, seconds: float) -> Result:
        """What came out."""
        return Result(self, preset, outcome, seed_of(self.id), seconds)


@dataclass(frozen=True)
class Result:
    """A decided claim."""

    claim: Claim
    preset: str
    outcome: Outcome
    seed: int
    seconds: float

    @property
    def verdict(self) -> str:
        """proved, certified, consistent, inconclusive, refuted; or failed, where the experiment broke off with an error."""
        return self.outcome.verdict

    @property
    def ratio(self) -> float | None:
        """Prediction over measurement, where neither is 0."""
        predicted, measured = self.outcome.prediction, self.outcome.measured
        return predicted / measured if predicted and measured else None

    @property
    def exact_ratio(self) -> float | None:
        """Prediction over the exact value, where the prediction is a bound and the exact value is known."""
        predicted, exact = self.outcome.prediction, self.outcome.exact
        return predicted / exact if predicted and exact else None

    @property
    def command(self) -> str:
        """What to type to repeat it."""
        return f"driftproof check --claim {self.claim.id} --preset {self.preset}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: no NaN, no infinity."""
        outcome = self.outcome
        interval = None if outcome.interval is None else [_finite(x) for x in outcome.interval]
        return {
            "paper": self.claim.paper, "claim": self.claim.id, "statement": self.claim.statement,
            "prediction": _finite(outcome.prediction), "measured": _finite(outcome.measured), "interval": interval,
            "ratio": _finite(self.ratio), "verdict": self.verdict, "seed": self.seed, "seconds": round(self.seconds, 3),
            "command": self.command, "formula": self.claim.formula, "source": self.claim.source, "reason": outcome.reason,
            "error": error_rate(self.claim.id), "effect": self.claim.effect, "power": _finite(outcome.power),
            "exact": _finite(outcome.exact), "exact_ratio": _finite(self.exact_ratio),
            "cells": [_cell(cell) for cell in outcome.cells],
        }  # fmt: skip


def _cell(cell: Cell) -> dict[str, Any]:
    interval = None if cell.interval is None else [_finite(x) for x in cell.interval]
    return {
        "where": cell.where, "verdict": cell.verdict, "prediction": _finite(cell.prediction), "measured": _finite(cell.measured),
        "interval": interval, "exact": _finite(cell.exact),
    }  # fmt: skip


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
