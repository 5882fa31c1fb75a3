"""The cells of a sweep that are training runs; here, because only this package may import both sim and nets.

As a plan writes them, beside or without simulations:

    cells:
      - {train: ok-rtrl.copy, preset: smoke, seeds: 0:5, set: {method: [kf, ok], lr: [1e-3, 3e-3]}}

Lists are crossed, those under ``set`` too: the five seeds here times two methods times two learning rates. Each run is done in a
process of its own; its folder lies below the store, so that a run in flight when the sweep is killed goes on where it was.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftproof.commands.train import seeds_from
from driftproof.errors import UsageError
from nets.core import registry
from nets.core.config import Config, config_hash
from nets.core.jobs import Job, run_all
from nets.core.run import preset
from nets.core.sources import sources_hash
from sim.sweeps.read import Field
from theory.errors import InputError
from theory.files import version_of

if TYPE_CHECKING:
    import pyarrow

_SET = "set."


@dataclass(frozen=True)
class TrainCell:
    """A run of an experiment, as a cell.

    Parameters
    ----------
    experiment : str
    config : Config
    given : tuple of str
        The fields that the plan sets: columns of the table.
    runs : Path
        The folder of runs.
    data : Path, optional
        The folder of real data sets.
    """

    experiment: str
    config: Config
    given: tuple[str, ...]
    runs: Path
    data: Path | None = None
    modules: tuple[str, ...] = field(default_factory=lambda: registry.MODULES)

    @property
    def label(self) -> str:
        values = self.config.to_dict()
        return ", ".join([self.experiment, *(f"{name}={values[name]}" for name in self.given), f"seed={self.config.seed}"])

    @property
    def group(self) -> str:
        return self.experiment

    @property
    def work(self) -> float:
        """Updates of all stages."""
        return float(sum(stage.updates(self.config) for stage in registry.experiment(self.experiment).stages))

    def describe(self) -> dict[str, Any]:
        """All that the run depends on, but for the type of processor."""
        return {
            "kind": "training", "experiment": self.experiment, "config": self.config.to_dict(),
            "data": None if self.data is None else str(self.data), "torch": version_of("torch"),
            "sources": sources_hash(registry.experiment(self.experiment)),
        }  # fmt: skip

    def run(self, threads: int | None) -> pyarrow.Table:
        """Train, or go on; a row a metric with its last value. The threads are those of the config, since results depend on
        them."""
        if multiprocessing.current_process().daemon:
            raise InputError("client: its workers may not start processes; set distributed.worker.daemon to False")
        command = f"driftproof sweep: {self.label}"
        job = Job(self.experiment, self.config, self.runs, resume=True, data=self.data, command=command, modules=self.modules)
        [outcome] = run_all([job])
        if outcome.wrong_input:
            raise InputError(outcome.reason)
        if outcome.reason:
            raise RuntimeError(outcome.reason)
        if outcome.results is None or outcome.results.status == "stopped":
            raise KeyboardInterrupt
        if outcome.results.status != "done":
            raise InputError(outcome.results.reason)
        return self._table(outcome.results)

    def _table(self, results: Any) -> pyarrow.Table:
        import pyarrow

        values = self.config.to_dict()
        shared = {"experiment": self.experiment, "config_hash": config_hash(self.config), "seed": self.config.seed}
        shared |= {_SET + name: _scalar(values[name]) for name in self.given}
        shared |= {name: getattr(results, name) for name in ("updates", "steps", "examples")}
        rows = [
            {**shared, "split": key.partition("/")[0], "name": key.partition("/")[2], "value": float(value)}
            for key, value in results.metrics.items()
        ]
        return pyarrow.Table.from_pylist(rows)


def _scalar(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list) else value


class TrainKind:
    """Reads ``train, preset, set, seed`` or ``seeds`` of a plan.

    Parameters
    ----------
    runs : Path
        The folder of runs.
    """

    name = "training run"
    marks = ("train",)
    keys = ("train", "preset", "set", "seed", "seeds", "data")
    unfolded = ()

    def __init__(self, runs: Path) -> None:
        self._runs = runs.resolve()  # a worker may have another current folder

    def spread(self, fields: Mapping[str, Field]) -> dict[str, Field]:
        """``set: {lr: [1, 2]}`` is ``set.lr: [1, 2]``, and ``seeds: 0:3`` is ``seed: [0, 1, 2]``."""
        spread: dict[str, Field] = {}
        for name, one in fields.items():
            if name == "set" and isinstance(one.value, dict):
                spread |= {_SET + key: inner for key, inner in one.value.items()}
            elif name == "seeds" and one.value is not None:
                items = one.value if isinstance(one.value, list) else [one]
                spread["seed"] = Field([Field(seed, item.where) for item in items for seed in _seeds(item)], one.where)
            else:
                spread[name] = one
        return spread

    def cell(self, fields: Mapping[str, Field]) -> TrainCell:
        """The cell of one mapping without lists."""
        given = {name: one.value for name, one in fields.items()}
        if "train" not in given:
            raise InputError("train: missing; name an experiment, e.g. train: ok-rtrl.copy")
        if "set" in given:
            raise InputError("set: must be a mapping of the config's fields, e.g. set: {lr: [1e-3, 3e-3]}")
        experiment = _about("train", "experiment", lambda: registry.experiment(str(given["train"])))
        config = _about("preset", "preset", lambda: preset(experiment, str(given.get("preset", "smoke"))))
        values = {name.removeprefix(_SET): value for name, value in given.items() if name.startswith(_SET)}
        if "seed" in values:
            raise InputError("set.seed: give seeds beside set, e.g. seeds: 0:5")
        try:
            config = config.with_values(values)
        except InputError as error:
            raise InputError(_SET + str(error)) from None
        if "seed" in given:
            config = config.with_values({"seed": given["seed"]})
        data = None if "data" not in given else Path(str(given["data"])).resolve()
        return TrainCell(experiment.name, config, tuple(values), self._runs, data)


def _seeds(item: Field) -> list[int]:
    try:
        return seeds_from(str(item.value))
    except UsageError as error:
        raise InputError(f"plan: {item.where}: {error}") from None


def _about(key: str, name: str, find: Any) -> Any:
    """What is wrong with a name is located at its key."""
    try:
        return find()
    except InputError as error:
        raise InputError(f"{key}: {str(error).removeprefix(name + ': ')}") from None
