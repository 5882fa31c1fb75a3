"""Whether a recorded run comes out again, bit for bit: the smoke run of an experiment, trained anew while a claim is decided.

A run is the same bit for bit on the same type of processor, with the same version of torch and as many threads; elsewhere the
repetition decides nothing. It is what makes records trustworthy that ``check`` only reads.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from nets.core import registry
from nets.core.folder import cpu_type
from nets.core.progress import Silent
from nets.core.records import SeedRecord, curves, load_record
from nets.core.run import run
from proofs_check.claim import Claim, Outcome, Setting
from proofs_check.neural import with_torch
from proofs_check.trials import RECORDS

SEEDS = (0, 1)
"""The run that is repeated, and the one that the mutant takes for it."""


def repeated(experiment: str, folder: Path = RECORDS) -> Callable[[Setting], Outcome]:
    """Train the preset ``smoke`` again and hold metrics and curves against the record.

    Parameters
    ----------
    experiment : str
    folder : path
        Of all records.
    """

    @with_torch
    def decide(setting: Setting) -> Outcome:
        config = registry.experiment(experiment).presets["smoke"]
        found = load_record(experiment, config, folder)
        if isinstance(found, str):
            return Outcome("inconclusive", found)
        missing = [seed for seed in SEEDS if seed not in found.seeds]
        if missing:
            return Outcome("inconclusive", f"seed {missing[0]} isn't recorded in {found.path}")
        recorded = found.seeds[SEEDS[setting.mutant]]
        there, here = recorded.machine["cpu"], cpu_type()
        if there != here:
            return Outcome("inconclusive", f"recorded on another type of processor, {there}; this is {here}")
        with tempfile.TemporaryDirectory() as out:
            again = run(experiment, config, out=out, watch=Silent())
            differing = differences(recorded, again.metrics, curves(again))
        if differing:
            return Outcome("refuted", f"other numbers: {', '.join(differing[:4])}")
        numbers = len(recorded.metrics) + sum(len(rows) for rows in recorded.curves.values())
        return Outcome("proved", f"{again.updates} updates trained anew give the same {numbers} numbers to the last bit")

    return decide


def differences(recorded: SeedRecord, metrics: dict[str, float], again: dict[str, list[list[float]]]) -> list[str]:
    """The names of metrics and curves that aren't equal."""
    names = sorted({*recorded.metrics, *metrics})
    found = [name for name in names if recorded.metrics.get(name) != metrics.get(name)]
    curved = sorted({*recorded.curves, *again})
    return found + [f"curve of {name}" for name in curved if recorded.curves.get(name) != again.get(name)]


def repeats(paper: str, experiment: str, source: str) -> Claim:
    """The claim that the recorded smoke run of an experiment comes out again."""
    return Claim(
        f"{paper}-smoke-repeats", paper, f"Training {experiment} (preset smoke) anew gives the recorded numbers bit for bit",
        source, "the record of another seed is taken for it", 0.0, repeated(experiment),
    )  # fmt: skip
