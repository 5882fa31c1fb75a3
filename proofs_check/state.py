"""Decided claims kept in a file: a check that was killed goes on where it was.

The file is one JSON document, written anew under a temporary name and renamed after every claim, so that it is complete at any
moment. It belongs to a digest of all that decides a claim: the sources of theory/, sim/, nets/ and proofs_check/, the records,
the versions of what they rest on, and the processor, on which the last bits of logarithms depend. With another digest nothing in
it is taken. Within, an outcome is known by the claim and its setting: preset, seed, error rate, effect, mutant. A claim whose
experiment broke off with an error is not kept: it is tried again.

Besides, the file remembers how long claims took, for the time left only.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from proofs_check.claim import Cell, Outcome, Setting
from proofs_check.figure import Figure, Series
from theory.errors import InputError

FORMAT = "driftproof check 1"
SOURCES = ("theory", "sim", "nets", "proofs_check", "records")
PACKAGES = ("driftproof", "numba", "numpy", "scipy", "sympy", "mpmath", "networkx", "python-flint", "torch")


class State:
    """The decided claims in a file, or, without one, nothing.

    Parameters
    ----------
    path : Path, optional
    own : bool
        The file was named by the user: what can't be read or written there is an error. Otherwise nothing is kept then.
    fresh : bool
        Take nothing from it.

    Raises
    ------
    InputError
    """

    def __init__(self, path: Path | None, own: bool = True, fresh: bool = False) -> None:
        self._path, self._own = path, own
        self._sources = digest(SOURCES) if path is not None else ""
        self._decided: dict[str, dict[str, Any]] = {}
        self._seconds: dict[str, float] = {}
        found = self._read()
        self._seconds.update(found.get("seconds", {}))
        if not fresh and found.get("sources") == self._sources:
            self._decided.update(found.get("decided", {}))
        self._write()  # before any work is done, so that a wrong path is told at once

    def take(self, claim: str, setting: Setting) -> tuple[Outcome, float] | None:
        """The kept outcome of a claim and the seconds that it took, or None."""
        entry = self._decided.get(_key(claim, setting))
        return None if entry is None else (decode(entry["outcome"]), entry["seconds"])

    def keep(self, claim: str, setting: Setting, outcome: Outcome, seconds: float) -> None:
        """Keep an outcome."""
        self._seconds[f"{claim} {setting.preset}"] = round(seconds, 3)
        if outcome.verdict != "failed":
            self._decided[_key(claim, setting)] = {"outcome": encode(outcome), "seconds": seconds}
        self._write()

    def forget(self, keys: Iterable[tuple[str, Setting]]) -> None:
        """Forget these outcomes, not the seconds."""
        for claim, setting in keys:
            self._decided.pop(_key(claim, setting), None)
        self._write()

    def seconds(self, claim: str, preset: str) -> float | None:
        """How long the claim took when it was decided last, whatever has changed since."""
        return self._seconds.get(f"{claim} {preset}")

    def _read(self) -> dict[str, Any]:
        if self._path is None or not self._path.exists():
            return {}
        try:
            found = json.loads(self._path.read_bytes())
            if found["format"] == FORMAT:
                return found
        except (OSError, ValueError, KeyError, TypeError):
            pass
        if self._own:  # never write over what may be somebody's work
            raise InputError(f"store: {self._path} holds no decided claims; name a new file or one that check has written")
        return {}

    def _write(self) -> None:
        if self._path is None:
            return
        from theory.files import write_whole

        document = {"format": FORMAT, "sources": self._sources, "decided": self._decided, "seconds": self._seconds}
        try:
            write_whole(self._path, json.dumps(document, indent=1).encode(), sync=False)
        except OSError as error:
            if self._own:
                right = "name a file in a folder that exists and can be written"
                raise InputError(f"store: can't write {self._path}: {error.strerror}; {right}") from None
            self._path = None


def encode(outcome: Outcome) -> dict[str, Any]:
    """An outcome as what JSON holds (Python's: infinity and NaN included).

    >>> outcome = Outcome("consistent", "why", 2.0, 1.5, (1.0, float("inf")), cells=(Cell("n = 2", "consistent", 2.0),))
    >>> str(decode(json.loads(json.dumps(encode(outcome))))) == str(outcome)
    True
    """
    return json.loads(json.dumps(asdict(outcome), default=_number))


def decode(plain: dict[str, Any]) -> Outcome:
    """The outcome again; see :func:`encode`."""
    figure = plain["figure"]
    cells = tuple(Cell(**{**cell, "interval": _tuple(cell["interval"])}) for cell in plain["cells"])
    return Outcome(**{**plain, "interval": _tuple(plain["interval"]), "cells": cells, "figure": figure and _figure(figure)})


def _figure(plain: dict[str, Any]) -> Figure:
    series = tuple(
        Series(**{name: _tuple(x) if isinstance(x, list) else x for name, x in one.items()}) for one in plain["series"]
    )
    return Figure(**{**plain, "series": series})


def _tuple(value: list[Any] | None) -> Any:
    return None if value is None else tuple(value)


def _number(value: Any) -> Any:
    """Numbers of numpy, and fractions."""
    return value.item() if hasattr(value, "item") else float(value)


def _key(claim: str, setting: Setting) -> str:
    said = f"seed={setting.seed} error={setting.error!r} effect={setting.effect!r} mutant={setting.mutant}"
    return f"{claim} {setting.preset} {said}"


@cache
def digest(places: Iterable[str]) -> str:
    """A digest of these files and folders of the checkout, of the versions below them and of the processor."""
    import llvmlite.binding

    from theory.files import version_of

    versions = {package: version_of(package) for package in PACKAGES}
    machine = (platform.python_version(), platform.machine(), llvmlite.binding.get_host_cpu_name())
    made = hashlib.sha256(f"{versions} {machine}".encode())
    root = Path(__file__).parents[1]
    for name in places:
        place = root / name
        for file in [place] if place.is_file() else sorted(x for x in place.rglob("*") if x.is_file()):
            if "__pycache__" in file.parts:
                continue
            made.update(f"{file.relative_to(root)} ".encode())
            made.update(file.read_bytes())
    return made.hexdigest()
