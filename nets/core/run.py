"""run: train an experiment, stage by stage, into a folder of its own.

A run is known by its experiment, its config, its seed and its data: where it is finished it isn't trained again, where it was
interrupted it goes on from its last checkpoint, bit for bit at equal threads, torch version and type of processor. A stage may be
taken from another run that agrees in all that the stage depends on; what is taken is what training it here would have given.
No torch until something is trained.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nets.core import folder as folders
from nets.core import progress, registry
from nets.core.config import Config, Hardware
from nets.core.experiment import Experiment, Stage
from nets.core.folder import FINAL, METRICS, PLOT, RunFolder
from nets.core.progress import Watch
from nets.core.take import find, prefix, take
from theory.arguments import plain_arguments
from theory.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas
    from torch import nn

    from nets.core.context import Context


@dataclass(frozen=True)
class Results:
    """What a run has come to.

    Attributes
    ----------
    run_dir : Path
    experiment : str
    config : Config
    config_hash : str
    seed : int
    status : str
        ``"done"``, ``"stopped"`` (by a signal; ``run(..., resume=True)`` goes on), ``"diverged"`` (a loss that exploded or isn't
        finite).
    metrics : dict
        ``"split/name"`` to its last value, of the last stage.
    updates, steps, examples : int
        Of all stages together.
    seconds : float
        Of training, without the interruptions.
    reason : str
        Why a run diverged; else empty.
    """

    run_dir: Path
    experiment: str
    config: Config
    config_hash: str
    seed: int
    status: str
    metrics: dict[str, float]
    updates: int
    steps: int
    examples: int
    seconds: float
    reason: str = ""

    def table(self) -> pandas.DataFrame:
        """The run's metrics: ``update, step, examples, seconds, split, name, value``, one row a value."""
        import pandas

        return pandas.read_csv(self.run_dir / METRICS)


@plain_arguments
def run(
    experiment: str | Experiment,
    config: Config | None = None,
    *,
    out: str | os.PathLike = "runs",
    hardware: Hardware | None = None,
    resume: bool = False,
    start_from: str | None = None,
    watch: Watch | None = None,
    data: str | os.PathLike | None = None,
    tensorboard: bool = False,
    command: str | None = None,
) -> Results:
    """Train an experiment.

    Parameters
    ----------
    experiment : str or Experiment
        A name, e.g. ``"ok-rtrl.copy"``.
    config : Config, optional
        Default: the preset ``"smoke"``.
    out : path
        The folder of runs; the run's own is ``out/<experiment>-<hash of the config>-s<seed>``.
    hardware : Hardware, optional
        Default: the CPU, one process.
    resume : bool
        Go on with a run that was begun; without it such a run is an error.
    start_from : str, optional
        ``"RUN/stage"``: take this stage, and those that it needs, from another run (of the same seed: of the runs that lie
        beside RUN and differ from it by their seed alone, the one with this run's seed).
    watch : Watch, optional
        Is told how far training is; default: a bar where standard error is a terminal.
    data : path, optional
        The folder of real data sets.
    tensorboard : bool
        Write the metrics for TensorBoard, too.
    command : str, optional
        What made the run, for ``run.json``; default: the command line of this process.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        If an argument is wrong, or the folder holds another run (another config, other data, a stage from elsewhere than
        ``start_from``), or one that was begun.
    """
    experiment = registry.experiment(experiment) if isinstance(experiment, str) else experiment
    config = preset(experiment, "smoke") if config is None else config
    kind = experiment.config_type
    if not isinstance(config, kind):
        raise InputError(f"config: {type(config).__name__} is none of {experiment.name}; give a {kind.__name__}")
    hardware = Hardware() if hardware is None else hardware
    path = Path(out) / folders.folder_name(experiment, config)
    root = None if data is None else Path(data)
    found = _begun(path, experiment, config, resume)
    # what is finished is told without a look at the data, unless that is asked for
    looked = found is not None and (found.begun or data is not None)
    used = experiment.data(config, root) if looked or start_from is not None else None
    if found is not None and looked:
        found.refuse_other_data(used)
    source = None if start_from is None else find(experiment, config, start_from, path, used)
    if found is not None and found.status in FINAL:
        return results(found, experiment)
    from nets.core import launch

    context = launch.context(config, hardware, data_root=root)
    if context.fabric.world_size > 1:
        atexit.register(_part)
    with ExitStack() as stack:
        if context.rank == 0:
            stack.enter_context(folders.locked(path))
        here = found or folders.begin(experiment, config, path)
        here.head["sessions"].append(folders.session(experiment, config, hardware, command, data))
        context.facts.update(here.head["facts"])
        _save(here, context, status="running", reason="")
        if source is not None:
            if context.rank == 0:
                take(here, experiment, source)
            context.fabric.barrier()  # the others read what the first one has taken
            here.head["stages"] = folders.existing(path).head["stages"]
        with ExitStack() as shown:
            if watch is None:
                watch = progress.watch(f"{experiment.name}, seed {config.seed}", None if context.rank == 0 else False)
                if isinstance(watch, progress.Bar):
                    shown.enter_context(watch)
            _train(here, experiment, config, context, watch, tensorboard)
    return results(here, experiment)


def _part() -> None:
    """End the talk with the other processes before this one ends: its threads are C++'s, which calls them lost otherwise."""
    from torch import distributed

    if distributed.is_initialized():
        distributed.destroy_process_group()


def preset(experiment: Experiment, name: str) -> Config:
    """A preset of an experiment.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in experiment.presets:
        raise InputError(f"preset: unknown name {name[:40]!r}; {nearest(name, experiment.presets)}")
    return experiment.presets[name]


def results(folder: RunFolder, experiment: Experiment | None = None) -> Results:
    """What is known of a run from its folder."""
    experiment = registry.experiment(folder.head["experiment"]) if experiment is None else experiment
    head, config = folder.head, folders.config_of(folder, experiment)
    stages = [head["stages"][stage.name] for stage in experiment.stages if stage.name in head["stages"]]
    total = {name: sum(stage[name] for stage in stages) for name in ("updates", "steps", "examples", "seconds")}
    metrics = {
        name: float("nan") if value is None else value for name, value in (stages[-1]["metrics"] if stages else {}).items()
    }
    return Results(
        folder.path, experiment.name, config, head["config_hash"], head["seed"], folder.status, metrics, **total,
        reason=head["reason"],
    )  # fmt: skip


def _begun(path: Path, experiment: Experiment, config: Config, resume: bool) -> RunFolder | None:
    """The run that is in the folder already, if it may be gone on with."""
    found = folders.read(path)
    if found is None:
        return None
    found.refuse_other(experiment, config)
    if not resume and found.begun:
        raise InputError(f"out: {path} holds a run that was begun; go on with it (--resume {path}), or name another folder")
    return found


def _save(folder: RunFolder, context: Context, **changes: Any) -> None:
    folder.head["facts"] = context.facts
    if context.rank == 0:
        folder.save(**changes)


def _train(folder: RunFolder, experiment: Experiment, config: Config, context: Context, watch: Watch, tensorboard: bool) -> None:
    """Go through the stages that aren't complete."""
    from nets.core.loop import train_stage

    status, reason = "done", ""
    try:
        for stage in experiment.stages:
            if folder.complete(stage.name):
                continue
            inside = replace(context, earlier=_earlier(folder, experiment, config, context, stage))
            outcome = train_stage(
                stage, config, inside, folder.path, resume=True, watch=watch, tensorboard=tensorboard,
                prefix=prefix(experiment, stage.name),
            )  # fmt: skip
            told = {name: getattr(outcome, name) for name in ("updates", "steps", "examples", "seconds", "metrics", "status")}
            folder.head["stages"][stage.name] = told
            _save(folder, context)
            if outcome.status != "done":
                status, reason = outcome.status, outcome.reason
                break
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        _save(folder, context, status="stopped" if stopped else "failed", reason="" if stopped else _one_line(error))
        raise
    if context.rank == 0 and status in FINAL:
        from nets.core.plot import draw

        draw(folder.path / METRICS, experiment.plots, folder.path / PLOT, f"{experiment.name}, seed {config.seed}")
    _save(folder, context, status=status, reason=reason)


def _earlier(
    folder: RunFolder, experiment: Experiment, config: Config, context: Context, stage: Stage
) -> Callable[[str], nn.Module]:
    """What gives a stage the finished models of those that it needs."""
    stages = {other.name: other for other in experiment.stages}

    def earlier(name: str) -> nn.Module:
        from nets.core import checkpoint, launch

        if name not in stage.needs:
            raise ValueError(f"stage {stage.name} of {experiment.name} reads {name}, which its needs don't name")
        inside = replace(context, earlier=_earlier(folder, experiment, config, context, stages[name]))
        with launch.default_dtype(config.precision):
            model = stages[name].make(config, inside).model
        model.load_state_dict(checkpoint.read(folder.path / name / checkpoint.LAST)["model"])
        return model

    return earlier


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:500].rstrip(": ")
