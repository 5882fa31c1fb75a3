"""The training loop of every stage: updates, measurements, evaluations, checkpoints, and the three ways to end.

After each update, in this order: measure (every ``log_every`` steps), evaluate (every ``evaluate_every``), keep a checkpoint
(every ``checkpoint_every``); all three at the end as well. A stage ends *done*; or *stopped*, by SIGINT or SIGTERM, after the
update in progress and with a checkpoint; or *diverged*, where a measured number or a parameter isn't finite, or a measured loss
is above ``config.diverged_above`` times what a predictor that knows nothing comes to (``Learner.baseline``): then the checkpoint
before is kept. That one is good where checkpoints fall on rows of metrics, ``checkpoint_every`` being a multiple of ``log_every``
as in all presets. A run that is killed goes on from its last checkpoint and writes the same metrics as one that never was, apart
from seconds.

With several processes all of them call the same things in the same order and agree on ending; the first one alone writes. A
checkpoint holds every process's learner (its lanes' states differ), so a run goes on with as many processes as it had; what is
equal in all of them is stored once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from nets.core import checkpoint, launch, seeding
from nets.core.config import Config
from nets.core.context import Context
from nets.core.experiment import Learner, Metrics, Stage
from nets.core.keyed import key_of
from nets.core.log import MetricLog
from nets.core.progress import Watch
from nets.core.stopping import Stop, any_process
from theory.errors import InputError

METRICS = "metrics.csv"
Status = Literal["done", "stopped", "diverged"]


@dataclass(frozen=True)
class StageResult:
    """What became of a stage.

    Attributes
    ----------
    updates, steps, examples : int
        So far, see :mod:`nets.core.experiment` for the units.
    seconds : float
        Of training, evaluations and checkpoints included; what was lost to a kill isn't.
    metrics : dict
        The latest ones, by ``"split/name"``.
    status : str
        ``"done"``, ``"stopped"`` or ``"diverged"``.
    reason : str
        One line for a stage that diverged.
    """

    updates: int
    steps: int
    examples: int
    seconds: float
    metrics: dict[str, float]
    status: Status
    reason: str = ""


@dataclass
class _Loop:
    """The loop's own state: what a checkpoint holds beside the learner."""

    stage: Stage
    context: Context
    folder: Path
    learner: Learner
    update: int = 0
    kept: int = 0  # the update of the last checkpoint
    before: float = 0.0  # seconds of earlier processes
    best: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        return self.before + time.perf_counter() - self.began

    def restore(self, found: Mapping[str, Any]) -> None:
        if len(found["processes"]) != self.context.processes:
            was, now = len(found["processes"]), self.context.processes
            raise InputError(f"devices: {now} processes can't go on from a checkpoint of {was}; resume with as many as it had")
        mine = found["processes"][self.context.rank]
        self.learner.load_state_dict(mine["learner"])
        seeding.restore_generators(mine["generators"])
        self.update, self.before, self.best = found["update"], found["seconds"], found["best"]
        self.kept = self.update
        self.metrics = dict(found["metrics"])

    def save(self, log: MetricLog) -> None:
        """Collect every process's state and let the first one write it."""
        mine = {"learner": self.learner.state_dict(), "generators": seeding.generators()}
        states = _gather(self.context, checkpoint.plain(mine, "state_dict()"))
        if self.context.rank == 0:
            states[1:] = [checkpoint.plain(other, first=states[0]) for other in states[1:]]
            checkpoint.save(self.folder, {
                **self.counters(), "best": self.best, "metrics": self.metrics, "log_bytes": log.length(),
                "model": checkpoint.plain(self.learner.model.state_dict()), "processes": states,
            })  # fmt: skip
        self.context.fabric.barrier()  # nobody reads before it is written
        self.kept = self.update

    def counters(self) -> dict[str, Any]:
        learner = self.learner
        return {
            "stage": self.stage.name, "update": self.update, "steps": learner.steps, "examples": learner.examples,
            "seconds": self.seconds,
        }  # fmt: skip

    def log(self, log: MetricLog, metrics: Metrics) -> None:
        metrics = {split: {name: float(value) for name, value in values.items()} for split, values in metrics.items()}
        self.metrics |= {f"{split}/{name}": value for split, values in metrics.items() for name, value in values.items()}
        log.write(self.update, self.learner.steps, self.learner.examples, self.seconds, metrics)

    def keep_best(self, metrics: Metrics) -> None:
        value = _objective(self.stage, metrics)
        if value is None or not (self.best is None or value < self.best):
            return
        self.best = value
        if self.context.rank == 0:
            model = checkpoint.plain(self.learner.model.state_dict())
            checkpoint.save_best(self.folder, {**self.counters(), "objective": value, "model": model})

    def result(self, status: Status, reason: str = "") -> StageResult:
        learner = self.learner
        return StageResult(self.update, learner.steps, learner.examples, self.seconds, dict(self.metrics), status, reason)


def train_stage(
    stage: Stage, config: Config, context: Context, folder: Path, *, resume: bool, watch: Watch,
    tensorboard: bool = False, prefix: str = "",
) -> StageResult:  # fmt: skip
    """Train one stage, from its last checkpoint where there is one and ``resume`` says so.

    Parameters
    ----------
    stage : Stage
    config : Config
    context : Context
    folder : Path
        The run's; the stage's checkpoints are in ``folder/<stage>``, the metrics in ``folder/metrics.csv``. With several
        processes on several machines all of them must see it.
    resume : bool
        Without a checkpoint the stage begins anew, too.
    watch : Watch
    tensorboard : bool
        Write TensorBoard's files to ``folder/tensorboard`` as well.
    prefix : str
        Before each metric's name in the table: ``"<stage>/"`` where an experiment has several stages.

    Raises
    ------
    InputError
        If the folder holds the stage already and ``resume`` is false; if its checkpoints are damaged, or of another number of
        processes.
    """
    home, first, total = folder / stage.name, context.rank == 0, stage.updates(config)
    home.mkdir(parents=True, exist_ok=True)
    found, said = checkpoint.newest(home)
    if found is not None and not resume:
        raise InputError(f"{home}: it holds a checkpoint already; resume that run, or give another folder")
    if said and first:
        watch.say(said)
    if found is not None and found["update"] >= total:
        update, steps, examples, seconds = (found[name] for name in ("update", "steps", "examples", "seconds"))
        return StageResult(update, steps, examples, seconds, found["metrics"], "done")
    with launch.default_dtype(config.precision):
        seeding.seed_all(key_of(config.seed, stage.name))
        loop = _Loop(stage, context, home, stage.make(config, context))
        if found is not None:
            loop.restore(found)
        board = folder / "tensorboard" / stage.name if tensorboard else None
        length = found["log_bytes"] if found else None
        with MetricLog(folder / METRICS if first else None, length, prefix, board, loop.update) as log, Stop() as stop:
            if found is None:
                loop.save(log)  # where the metrics begin; and what no checkpoint can hold is found out at once
            return _train(loop, config, total, log, stop, watch)


def _train(loop: _Loop, config: Config, total: int, log: MetricLog, stop: Stop, watch: Watch) -> StageResult:
    learner, context, show = loop.learner, loop.context, loop.context.rank == 0
    before = learner.steps  # before the update in progress

    def due(every: int) -> bool:
        return learner.steps // every > before // every

    while loop.update < total:
        reason, before = "", learner.steps
        try:
            with context.fabric.autocast():
                learner.update()
        except (FloatingPointError, torch.linalg.LinAlgError) as error:  # a decomposition of what isn't finite
            if context.processes > 1:
                raise  # the others wait for this one's gradient: nothing can be agreed on
            reason = str(error).strip().split("\n")[0].rstrip(".")
        loop.update += 1
        last = loop.update == total
        if not reason and (last or due(config.log_every)):
            measured = learner.measure()
            loop.log(log, {"train": measured})
            reason = _agreed(context, _exploded(measured, learner.baseline(), config.diverged_above))
        if not reason and (last or due(config.evaluate_every)):
            with context.fabric.autocast():
                evaluated = learner.evaluate()
            loop.log(log, evaluated)
            loop.keep_best(evaluated)
        stopped = any_process(context, stop.asked)
        keep = last or stopped or due(config.checkpoint_every)
        if keep and not reason:
            reason = _agreed(context, "" if _finite(learner.model) else "a parameter isn't finite")
        if reason:
            return _diverged(loop, reason, watch)
        if keep:
            loop.save(log)
        if show:
            watch.update(loop.update, total, learner.examples, loop.metrics)
        if stopped and not last:
            return loop.result("stopped")
    return loop.result("done")


def _diverged(loop: _Loop, reason: str, watch: Watch) -> StageResult:
    line = f"{loop.stage.name} diverged at update {loop.update}: {reason}; the checkpoint of update {loop.kept} is kept"
    if loop.context.rank == 0:
        watch.say(line)
    return loop.result("diverged", line)


def _exploded(measured: Mapping[str, float], baseline: Mapping[str, float], most: float | None) -> str:
    """What is wrong with measured numbers, in words; empty if nothing is."""
    wrong = [f"train/{name} is {float(value)}" for name, value in measured.items() if not math.isfinite(value)]
    for name, value in baseline.items():
        if most is not None and not wrong and measured.get(name, 0.0) > most * value:
            wrong.append(
                f"train/{name} is {float(measured[name]):.4g}, more than diverged_above={most:g} times the {value:.4g} of a "
                "predictor that knows nothing"
            )
    return ", ".join(wrong)


def _agreed(context: Context, reason: str) -> str:
    """One process's reason is everybody's."""
    found = any_process(context, bool(reason))
    return reason or ("found by another process" if found else "")


def _finite(model: nn.Module) -> bool:
    return all(bool(parameter.isfinite().all()) for parameter in model.parameters())


def _objective(stage: Stage, metrics: Metrics) -> float | None:
    """What is to be small: the metric that the stage names, or the first one on the split ``"valid"``."""
    sign, name = (-1.0, stage.best[1:]) if stage.best.startswith("-") else (1.0, stage.best)
    flat = {f"{split}/{key}": value for split, values in metrics.items() for key, value in values.items()}
    name = name or next((key for key in flat if key.startswith("valid/")), "")
    return sign * float(flat[name]) if name in flat and math.isfinite(flat[name]) else None


def _gather(context: Context, state: Any) -> list[Any]:
    """Every process's state, in the first one; elsewhere its own alone."""
    if context.processes == 1:
        return [state]
    states: list[Any] | None = [None] * context.processes if context.rank == 0 else None
    torch.distributed.gather_object(state, states)
    return [state] if states is None else [state, *states[1:]]
