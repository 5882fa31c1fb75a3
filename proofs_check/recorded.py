"""The command that trains what training claims need and has no record: ``python -m proofs_check.recorded``.

First every setting on the tuning seeds; then, chosen by their records, the best setting of each method on the seeds that decide.
Whatever stands in the records is left alone; a run that was stopped goes on. Runs lie in a folder of their own for each state of
the sources, so that a stale one is never taken for a new one.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nets.core import registry
from nets.core.config import Config
from nets.core.jobs import Job, Outcome, Watch, run_all
from nets.core.records import load_record, record
from nets.core.sources import sources_hash
from proofs_check.training import NoRecord
from proofs_check.trials import RECORDS, Trained, chosen

MODULES = ("proofs_check.claims.rtrl.grids",)
"""Where what is trained stands, each with a tuple ``TRAINED``."""


def trained(paper: str | None = None) -> list[Trained]:
    """All that claims need, or that of the experiments of one paper."""
    found = [one for module in MODULES for one in importlib.import_module(module).TRAINED]
    return [one for one in found if paper in (None, one.experiment.partition(".")[0])]


def needed(one: Trained, part: str, folder: Path = RECORDS) -> list[Config]:
    """The configs, with seeds, that have no record that stands.

    Parameters
    ----------
    one : Trained
    part : str
        ``"tuning"`` or ``"verdict"``; the latter raises :class:`NoRecord` as long as the former lacks a record.
    folder : path
        Of all records.
    """
    if part == "tuning":
        asked = [(config, seed) for seed in one.tuning for grid in one.grids.values() for config in grid.values()]
    else:
        best = chosen(one.table(folder), one.higher)
        asked = [
            (one.grids[method][setting], seed) for seed in (*one.more_pilots, *one.verdict) for method, setting in best.items()
        ]
    there = {config: _seeds(one, config, folder) for config, _ in asked}
    return [replace(config, seed=seed) for config, seed in asked if seed not in there[config]]


def _seeds(one: Trained, config: Config, folder: Path) -> set[int]:
    found = load_record(one.experiment, config, folder)
    return set() if isinstance(found, str) else {seed for seed, run in found.seeds.items() if one.metric in run.metrics}


class _Progress(Watch):
    """Records what has ended, and says how far all of it is: a line a run."""

    def __init__(self, jobs: int, folder: Path) -> None:
        self.failed = 0
        self._jobs, self._ended, self._folder, self._begun = jobs, 0, folder, time.monotonic()
        self._parts = dict[int, float]()

    def update(self, job: int, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        self._parts[job] = done / total

    def ended(self, job: int, outcome: Outcome) -> None:
        self._ended += 1
        self._parts[job] = 1.0
        results, said = outcome.results, outcome.reason
        if results is not None and results.status == "done":
            try:
                said = str(record(results, self._folder))
            except Exception as error:  # the other runs go on
                said, results = " ".join(str(error).split()), None
        elif results is not None:
            said = f"{results.status}; the same command goes on with it"
        self.failed += results is None or results.status != "done"
        share = sum(self._parts.values()) / self._jobs
        left = (time.monotonic() - self._begun) * (1 - share) / share
        self.say(job, f"{self._ended}/{self._jobs}, about {left / 60:.1f} min left: {outcome.job.label}: {said}")


def train(configs: Iterable[tuple[str, Config]], workers: int, out: Path, folder: Path) -> int:
    """Train and record (experiment, config); how many of them failed or were stopped."""
    jobs = [Job(name, config, out / sources_hash(registry.experiment(name))[:12], resume=True) for name, config in configs]
    watch = _Progress(len(jobs), folder)
    outcomes = run_all(jobs, workers, watch)
    return watch.failed + sum(outcome.results is None and not outcome.reason for outcome in outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if everything is recorded, 1 if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m proofs_check.recorded", description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, default=2, help="runs at a time, each a process with one thread")
    parser.add_argument("--paper", help="only the experiments of this paper, e.g. ok-rtrl")
    parser.add_argument("--only", choices=("tuning", "verdict"), help="one of the two passes")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="the folder of runs")
    parser.add_argument("--records", type=Path, default=RECORDS, help="the folder of records")
    given = parser.parse_args(arguments)
    wanted = trained(given.paper)
    if not wanted or given.workers < 1:
        parser.error(f"--paper {given.paper}: nothing is trained of it" if not wanted else "--workers: give 1 or more")
    for part in ("tuning", "verdict") if given.only is None else (given.only,):
        try:
            asked = [(one.experiment, config) for one in wanted for config in needed(one, part, given.records)]
        except NoRecord as reason:
            print(f"{part}: {reason}", file=sys.stderr)
            return 1
        print(f"{part}: {len(asked)} runs to train", file=sys.stderr, flush=True)
        if train(asked, given.workers, given.out, given.records):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
