"""Taking a stage, and the stages that it needs, from another run instead of training it.

The other run must agree in the seed, the threads, the precision, every field that these stages depend on, and the data: then what
is taken is what training here would give, and the run that takes it is the same run as one that trains it. No torch here.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nets.core import folder as folders
from nets.core.config import Config, config_hash
from nets.core.experiment import Experiment, Stage
from nets.core.folder import METRICS, RunFolder
from theory.errors import InputError, nearest
from theory.files import whole, write_whole

ALWAYS = ("threads", "precision")  # what each stage depends on beside its fields and the seed


def needed(experiment: Experiment, name: str) -> list[Stage]:
    """A stage and all that it needs, in the order of training.

    Raises
    ------
    InputError
        If there is no such stage.
    """
    stages = {stage.name: stage for stage in experiment.stages}
    if name not in stages:
        raise InputError(f"from: {experiment.name} has no stage {name[:40]!r}; {nearest(name, stages)}")
    wanted, open_ = set[str](), [name]
    while open_:
        stage = stages[open_.pop()]
        wanted.add(stage.name)
        open_ += [other for other in stage.needs if other not in wanted]
    return [stage for stage in experiment.stages if stage.name in wanted]


def fields_of(experiment: Experiment, name: str, config: Config) -> list[str]:
    """The fields of the config, but the seed, that a stage's result depends on, in the order of the config."""
    stages = needed(experiment, name)
    everything = any(not stage.fields for stage in stages)
    chosen = {*ALWAYS, *(field for stage in stages for field in stage.fields)}
    return [field for field in config.to_dict() if field != "seed" and (everything or field in chosen)]


def stage_hash(experiment: Experiment, name: str, config: Config) -> str:
    """What runs share in which this stage has the same result, but for their seeds."""
    return config_hash(config, fields_of(experiment, name, config))


def prefix(experiment: Experiment, name: str) -> str:
    """What stands before the names of a stage's metrics: its own name, where there are several stages."""
    return f"{name}/" if len(experiment.stages) > 1 else ""


@dataclass(frozen=True)
class Source:
    """A run from which a stage can be taken, and the stages to be taken."""

    there: RunFolder
    stages: tuple[str, ...]


def find(experiment: Experiment, config: Config, text: str, path: Path, data: Mapping[str, Any] | None = None) -> Source:
    """Look whether a stage of another run can be taken.

    Parameters
    ----------
    experiment, config
        Of this run.
    text : str
        ``"RUN/stage"``.
    path : Path
        This run's folder.
    data : mapping, optional
        What this run would learn from.

    Raises
    ------
    InputError
        If there is no such run or stage, if it isn't complete, or if it differs in what the stage depends on: naming the first
        field that does. If one of this run's stages is begun and not complete: its checkpoint knows the rows of the metrics. If
        it has such a stage already, from elsewhere.
    """
    source, _, name = text.rstrip("/").rpartition("/")
    stages = needed(experiment, name)
    there, here = folders.existing(source or "."), folders.read(path)
    if there.head["experiment"] != experiment.name:
        raise InputError(f"from: {there.path} is of {there.head['experiment']}, not of {experiment.name}; give one of the same")
    there = _of_seed(there, config.seed, path)
    differing = folders.difference(there.head["config"], config, ["seed", *fields_of(experiment, name, config)])
    if differing:
        raise InputError(f"from: {there.path} differs in what stage {name} depends on: {differing}")
    there.refuse_other_data(data)
    for stage in stages:
        if not there.complete(stage.name):
            raise InputError(f"from: stage {stage.name} of {there.path} isn't complete; first --resume {there.path}")
    for stage in experiment.stages:
        if (path / stage.name).exists() and not (here and here.complete(stage.name)):
            raise InputError(f"from: stage {stage.name} was begun in {path} already; go on with it: --resume {path}")
    for stage in stages:
        if here is not None and here.complete(stage.name) and _training(here, stage.name) != _training(there, stage.name):
            whence = here.head["stages"][stage.name].get("taken_from")
            own = f"was taken from {whence}" if whence else "was trained there"
            raise InputError(f"from: {path} is not from {there.path}: its stage {stage.name} {own}; name another folder (--out)")
    return Source(there, tuple(stage.name for stage in stages))


def take(here: RunFolder, experiment: Experiment, source: Source) -> None:
    """Bring the stages into this run, unless it has them; a stage is brought whole or not at all."""
    for name in source.stages:
        if not here.complete(name):
            _copy(source.there, here, name, prefix(experiment, name))


def _of_seed(there: RunFolder, seed: int, path: Path) -> RunFolder:
    """The run itself, or the one beside it, and not in ``path``, that has this seed."""
    if there.head["seed"] == seed:
        return there
    name = there.path.resolve().name.removesuffix(f"-s{there.head['seed']}") + f"-s{seed}"
    beside = there.path.resolve().parent / name
    return there if beside == path.resolve() else folders.read(beside) or there


def _training(folder: RunFolder, name: str) -> dict[str, Any]:
    """What tells one training of a stage from another, its seconds among it, in whatever folder its result is by now."""
    return {key: value for key, value in folder.head["stages"][name].items() if key != "taken_from"}


def _copy(there: RunFolder, here: RunFolder, name: str, prefix: str) -> None:
    known = there.head["stages"][name]
    half = here.path / f".taking-{name}"  # of an attempt that was killed, if it exists
    half.mkdir(exist_ok=True)
    for file in sorted((there.path / name).glob("*.pt")):
        with file.open("rb") as source, whole(half / file.name) as copy:
            shutil.copyfileobj(source, copy)
    _copy_metrics(there.path / METRICS, here.path / METRICS, prefix)
    half.rename(here.path / name)
    here.head["facts"] = {**there.head["facts"], **here.head["facts"]}
    here.head["stages"][name] = {**known, "taken_from": known.get("taken_from", str(there.path))}
    here.save()


def _copy_metrics(there: Path, here: Path, prefix: str) -> None:
    """Append the stage's rows: those whose name begins with its prefix. Once, however often it is called."""
    head, *rows = there.read_text(encoding="utf-8").splitlines(keepends=True)
    own = here.read_text(encoding="utf-8").splitlines(keepends=True)[1:] if here.exists() else []

    def of_stage(row: str) -> bool:
        return row.split(",")[5].startswith(prefix)

    content = [head, *(row for row in own if not of_stage(row)), *(row for row in rows if of_stage(row))]
    write_whole(here, "".join(content).encode())
