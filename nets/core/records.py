"""Records: what training came to, in small files that are committed. What checks claims reads them and trains nothing.

``records/<slug>/<name>-<hash of the config>.json`` holds every seed of one config: its last metrics, its curves thinned, what
made it. A record stands for as long as a run today would give the same: it is stale where the sources that the experiment
imports, or the version of torch, are others. (Threads are part of the config.) Numbers agree bit for bit on the same type of
processor, which each seed names. No torch here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nets.core import folder as folders
from nets.core import registry
from nets.core.config import Config, config_hash
from nets.core.experiment import Experiment
from nets.core.folder import plain
from nets.core.sources import sources_hash
from theory.errors import InputError
from theory.files import version_of, write_whole

if TYPE_CHECKING:
    from nets.core.run import Results

RECORDS = Path("records")
POINTS = 40  # of a curve, at most
_FORMAT, _SCHEMA = "driftproof record", 1
_MADE = ("torch", "sources", "threads")


@dataclass(frozen=True)
class SeedRecord:
    """What a record knows of one seed.

    Attributes
    ----------
    seed : int
    metrics : dict
        ``"split/name"`` to its last value.
    curves : dict
        ``"split/name"`` (with several stages ``"split/stage/name"``) to rows of update, step, examples and value.
    updates, steps, examples : int
    seconds : float
    machine, data : dict
        Of the machine, its ``"cpu"`` among it; what the run stored about its data.
    """

    seed: int
    metrics: dict[str, float]
    curves: dict[str, list[list[float]]]
    updates: int
    steps: int
    examples: int
    seconds: float
    machine: dict[str, Any]
    data: Any


@dataclass(frozen=True)
class Record:
    """What is recorded of an experiment with one config.

    Attributes
    ----------
    path : Path
    experiment, config_hash, torch, sources : str
    threads : int
    config : dict
        Without the seed.
    seeds : dict of int to SeedRecord
    """

    path: Path
    experiment: str
    config: dict[str, Any]
    config_hash: str
    torch: str
    threads: int
    sources: str
    seeds: dict[int, SeedRecord]

    def values(self, metric: str, seeds: Sequence[int] | None = None) -> list[float]:
        """The last value of a metric, a number a seed.

        Raises
        ------
        InputError
            If a seed or the metric isn't recorded.
        """
        values = []
        for seed in sorted(self.seeds) if seeds is None else seeds:
            if seed not in self.seeds or metric not in self.seeds[seed].metrics:
                raise InputError(f"metric: {metric} of seed {seed} isn't recorded in {self.path}")
            values.append(self.seeds[seed].metrics[metric])
        return values


def record_path(experiment: Experiment, config: Config, folder: Path = RECORDS) -> Path:
    """Where the record of a config is."""
    return folder / experiment.paper / f"{experiment.name.partition('.')[2]}-{config_hash(config)}.json"


def record(results: Results, folder: str | os.PathLike = RECORDS) -> Path:
    """Keep a finished run; the other seeds of its record are kept too, unless they have become stale by now.

    Parameters
    ----------
    results : Results
    folder : path
        Of all records.

    Returns
    -------
    Path
        The record's file.

    Raises
    ------
    InputError
        If the run isn't done, or if it wasn't made by one version of torch and by today's sources.
    """
    run = folders.existing(results.run_dir)
    experiment = registry.experiment(results.experiment)
    if results.status != "done":
        raise InputError(f"record: {run.path} is {results.status}; only what is done is recorded")
    made = _made(run, experiment)
    path = record_path(experiment, results.config, Path(folder))
    found = _read(path)
    config = {name: value for name, value in results.config.to_dict().items() if name != "seed"}
    kept = found["seeds"] if isinstance(found, dict) and all(found[name] == made[name] for name in _MADE) else {}
    kept[str(results.seed)] = {
        "metrics": results.metrics, "curves": curves(results), "updates": results.updates, "steps": results.steps,
        "examples": results.examples, "seconds": round(results.seconds, 1), "machine": run.head["sessions"][-1]["machine"],
        "data": run.head["facts"].get("data"),
    }  # fmt: skip
    content = {
        "format": _FORMAT, "schema": _SCHEMA, "experiment": experiment.name, "config": config,
        "config_hash": results.config_hash, **made, "seeds": dict(sorted(kept.items(), key=lambda item: int(item[0]))),
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (_text(plain(content)) + "\n").encode())
    return path


def load_record(experiment: Experiment | str, config: Config, folder: str | os.PathLike = RECORDS) -> Record | str:
    """The record of a config, or the reason why there is none that stands.

    Parameters
    ----------
    experiment : Experiment or str
    config : Config
        Its seed doesn't matter.
    folder : path
        Of all records.
    """
    experiment = registry.experiment(experiment) if isinstance(experiment, str) else experiment
    path = record_path(experiment, config, Path(folder))
    found = _read(path)
    if isinstance(found, str):
        return found
    if found["experiment"] != experiment.name or found["config_hash"] != config_hash(config):
        return f"the record {path} is of another run; make it anew (driftproof train --record)"
    if found["sources"] != sources_hash(experiment):
        return f"the record {path} is stale: the sources of {experiment.name} have changed since"
    torch = _public(version_of("torch"))
    if torch not in (found["torch"], "not installed"):  # without torch nothing could be made anew
        return f"the record {path} is stale: it was made by torch {found['torch']}, this is {torch}"
    names = ("experiment", "config", "config_hash", "torch", "threads", "sources")
    seeds = {int(seed): SeedRecord(int(seed), **_numbers(content)) for seed, content in found["seeds"].items()}
    return Record(path, **{name: found[name] for name in names}, seeds=seeds)


def curves(results: Results) -> dict[str, list[list[float]]]:
    """Each metric's curve: rows of update, step, examples, value; the first, the last, and at most 38 evenly between."""
    table = results.table()
    found = {}
    for (split, name), rows in table.groupby(["split", "name"], sort=False):
        last = len(rows) - 1
        places = sorted({round(i * last / (POINTS - 1)) for i in range(POINTS)}) if last >= POINTS else range(last + 1)
        columns = rows[["update", "step", "examples", "value"]].iloc[list(places)]
        found[f"{split}/{name}"] = [[int(u), int(s), int(e), float(v)] for u, s, e, v in columns.itertuples(index=False)]
    return found


def _made(run: folders.RunFolder, experiment: Experiment) -> dict[str, Any]:
    """What a run was made with, if it is one thing and today's."""
    sessions = run.head["sessions"]
    made = [{"torch": _public(s["versions"]["torch"]), "sources": s["sources"], "threads": s["threads"]} for s in sessions]
    for name in _MADE:
        if len({one[name] for one in made}) > 1:
            raise InputError(f"record: {run.path} was begun with other {name} than it was ended with; train it anew (--out)")
    if len({s["machine"]["cpu"] for s in sessions}) > 1:
        raise InputError(f"record: {run.path} was begun on another type of processor; train it anew (--out)")
    if made[0]["sources"] != sources_hash(experiment):
        raise InputError(f"record: {run.path} was made by older sources of {experiment.name}; train it anew (--out)")
    return made[0]


def _read(path: Path) -> dict[str, Any] | str:
    """The content of a record's file, or what is wrong with it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return f"there is no record {path}; make it with driftproof train --record"
    except (OSError, ValueError) as error:
        return f"the record {path} can't be read: {' '.join(str(error).split())}"
    needed = {"format", "schema", "experiment", "config", "config_hash", "seeds", *_MADE}
    if not isinstance(found, dict) or not needed <= set(found) or found["format"] != _FORMAT or found["schema"] != _SCHEMA:
        return f"the record {path} isn't one that this version reads; make it anew (driftproof train --record)"
    return found


def _numbers(content: dict[str, Any]) -> dict[str, Any]:
    """A number that JSON can't hold was written as null."""
    metrics = {name: float("nan") if value is None else value for name, value in content["metrics"].items()}
    return {**content, "metrics": metrics}


def _public(version: str) -> str:
    """A version without what says how it was built: 2.6.0+cpu is 2.6.0."""
    return version.partition("+")[0]


def _text(value: Any, depth: int = 0) -> str:
    """JSON with a line a value, but a list on one line: small, and changes are seen line by line."""
    if isinstance(value, dict) and value and depth < 5:
        pad = " " * (depth + 1)
        lines = [f"{pad}{json.dumps(str(name))}: {_text(item, depth + 1)}" for name, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
