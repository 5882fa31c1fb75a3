"""The kind of cells that are simulations, as a plan writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.sweeps.read import Field, plain
from sim.sweeps.simulation import SimulationCell
from theory import registry
from theory.algorithms import Algorithm
from theory.errors import InputError
from theory.problems import Problem
from theory.process import Process


class SimulationKind:
    """Reads ``algorithm, rate, problem`` as the command line does (or a ``process`` from Python), values and options."""

    name = "simulation"
    marks = ("process", "algorithm", "problem")
    keys = ("process", "algorithm", "rate", "problem", "n", "c", "replicates", "seed", "start", "engine", "budget", "observe")
    unfolded = ("observe",)

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], Process] = {}  # one object a process: it remembers what was computed of it

    def spread(self, fields: Mapping[str, Field]) -> dict[str, Field]:
        """Nothing: each key is a field."""
        return dict(fields)

    def cell(self, fields: Mapping[str, Field]) -> SimulationCell:
        """The cell of one mapping without lists."""
        given = {name: field.value for name, field in fields.items()}
        if "replicates" not in given:
            raise InputError("replicates: missing; give the number of runs of each cell, e.g. replicates: 100")
        if "start" in given:
            given["start"] = start_from(given["start"])
        if "observe" in given:
            given["observe"] = plain(fields["observe"])
        options = {name: given[name] for name in ("seed", "start", "engine", "budget", "observe") if name in given}
        values: dict[str, Any] = {name: given[name] for name in ("n", "c") if name in given}
        return SimulationCell(self._process(given), values, given["replicates"], **options)

    def _process(self, given: Mapping[str, Any]) -> Any:
        if "process" in given:
            extra = next((name for name in ("algorithm", "rate", "problem") if name in given), None)
            if extra is not None:
                raise InputError(f"{extra}: given beside a process, which has its own; leave it out")
            if isinstance(given["process"], str):
                raise InputError("process: is a Python object; in a file give algorithm, rate and problem")
            return given["process"]
        for name, example in (("algorithm", "one-plus-one-ea"), ("problem", "onemax")):
            if name not in given:
                raise InputError(f"{name}: missing; give one, e.g. {name}: {example}")
        algorithm, rate, problem = given["algorithm"], given.get("rate"), given["problem"]
        if isinstance(algorithm, Algorithm) and rate is not None:
            raise InputError("rate: given beside an algorithm, which has its own; leave it out")

        def process() -> Process:
            text = None if rate is None else str(rate)
            found = algorithm if isinstance(algorithm, Algorithm) else registry.algorithm(str(algorithm), text)
            return found.on(problem if isinstance(problem, Problem) else registry.problem(str(problem)))

        key = (str(algorithm), str(rate), str(problem))
        if key not in self._made:
            self._made[key] = process()
        return self._made[key]


def start_from(start: Any) -> Any:
    """A start as a plan writes it: a word, a number of zero-bits, or ``bits=0110``; anything but a text is left as it is.

    >>> start_from("Zeros"), start_from("12"), start_from("bits=011").tolist()
    ('zeros', 12, [0, 1, 1])
    """
    if not isinstance(start, str):
        return start
    word = start.strip().lower()
    if re.fullmatch(r"\d{1,12}", word):
        return int(word)
    bits = "".join(word.removeprefix("bits=").split())
    if word.startswith("bits=") and bits and set(bits) <= set("01"):
        return np.array([int(bit) for bit in bits], dtype=np.uint8)
    return word
