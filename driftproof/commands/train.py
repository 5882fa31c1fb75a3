"""Train an experiment of a paper, a run a seed. A run that was interrupted goes on with --resume as if it never had been.

Equal threads, torch version and processor give equal results, bit for bit. Each run has a folder below --out with its metrics as
a table, checkpoints, a plot, and what made it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import sys
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from driftproof.arguments import integer_from
from driftproof.errors import UsageError
from driftproof.output import number_text, print_json, print_table

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from nets.core.config import Config, Hardware
    from nets.core.experiment import Experiment
    from nets.core.jobs import Job, Outcome
    from nets.core.run import Results

SUMMARY = "train an experiment of a paper"
KEYS = ("experiment", "config", "config_hash", "seed", "updates", "steps", "examples", "seconds", "metrics", "run_dir", "status")
MOST_SEEDS = 10_000
_RUN = ("preset", "config", "set", "seeds", "from", "precision", "threads")  # what a run that is gone on with has already


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("experiment", metavar="EXPERIMENT", nargs="?", help="e.g. ok-rtrl.copy; --list shows all")
    parser.add_argument("--list", action="store_true", help="list the experiments; after EXPERIMENT: its keys and presets")
    parser.add_argument("--preset", metavar="PRESET", help="smoke (default: seconds), cpu (minutes) or paper (the paper's sizes)")
    parser.add_argument("--config", metavar="FILE", help="a TOML file of values that differ from the preset's")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", help="one value that differs; may be given several times")
    parser.add_argument("--seeds", metavar="SEEDS", help="0:5 means 0 to 4; also 3, or 0,2,7 (default: the config's)")
    parser.add_argument("--workers", metavar="W", help="runs at a time, each in a process of its own (default 1)")
    parser.add_argument("--resume", metavar="RUN", help="go on with the run in this folder")
    parser.add_argument("--from", metavar="RUN/STAGE", help="take a stage, and those that it needs, from another run")
    parser.add_argument("--device", metavar="DEVICE", help="cpu (default), cuda, mps, or auto: what there is")
    parser.add_argument("--devices", metavar="D", help="processes a run, one a device (default 1)")
    parser.add_argument("--nodes", metavar="N", help="machines (default 1)")
    parser.add_argument("--precision", metavar="PRECISION", help="32-true, 64-true, bf16-mixed or bf16-true")
    parser.add_argument("--threads", metavar="THREADS", help="inside an operation (default 1); part of the config")
    parser.add_argument("--data", metavar="DIR", help="the folder of real data sets, where an experiment uses one")
    parser.add_argument("--tensorboard", action="store_true", help="write the metrics for TensorBoard, too")
    parser.add_argument("--record", action="store_true", help="keep what came out in records/, where check reads it")
    parser.add_argument("--out", metavar="DIR", help="the folder of runs (default runs/)")


def run(arguments: argparse.Namespace) -> int:
    """Train and print."""
    if arguments.list:
        return _list(arguments.json) if arguments.experiment is None else _list_keys(arguments.experiment, arguments.json)
    jobs = _resumed(arguments) if arguments.resume is not None else _new(arguments)
    workers = 1 if arguments.workers is None else integer_from(arguments.workers, "workers", 1)
    try:
        with _termination():
            outcomes = _train(jobs, workers)
    except KeyboardInterrupt:
        outcomes = []
    if {"LOCAL_RANK", "NODE_RANK", "RANK"} & set(os.environ):
        from nets.core.launch import is_first

        if not is_first():  # one of several processes of a run: the first one tells
            return 0
    done = [found for found in map(_results, outcomes) if found is not None]
    if arguments.record:
        _record(outcomes)
    if arguments.json:
        print_json([{key: _value(result, key) for key in KEYS} for result in done])
    elif done:
        _print(done)
    return _status(jobs, outcomes)


def _train(jobs: list[Job], workers: int) -> list[Outcome]:
    """A single run of one process is done here, several in processes of their own."""
    if None in map(find_spec, ("torch", "lightning_fabric")):
        raise UsageError("train: torch and lightning-fabric aren't both installed; pip install 'driftproof[nets]' installs them")
    from nets.core import jobs as running

    if len(jobs) == 1 and (jobs[0].hardware.devices == 1 or jobs[0].hardware.nodes > 1):
        return [running.attempt(jobs[0])]
    from driftproof.run_board import Board

    with Board([job.label for job in jobs]) as board:
        return running.run_all(jobs, workers, board)


def _new(arguments: argparse.Namespace) -> list[Job]:
    """A job a seed."""
    if arguments.experiment is None:
        raise UsageError("experiment: missing; name one, e.g. ok-rtrl.copy, or see --list")
    seeds = None if arguments.seeds is None else seeds_from(arguments.seeds)
    from nets.core import registry
    from nets.core.jobs import Job
    from nets.core.run import preset

    experiment = registry.experiment(arguments.experiment)
    config = _config(arguments, preset(experiment, arguments.preset or "smoke"))
    configs = [config] if seeds is None else [config.with_values({"seed": seed}) for seed in seeds]
    hardware = _hardware(arguments)
    if len(configs) > 1 and hardware.nodes > 1:
        raise UsageError(f"seeds: {arguments.seeds} are {len(configs)} runs; with several nodes give one at a time")
    shared: dict[str, Any] = {
        "out": _path(arguments.out or "runs"), "hardware": hardware, "start_from": getattr(arguments, "from"),
        "data": _data(arguments.data), "tensorboard": arguments.tensorboard,
        "command": _command(),
    }  # fmt: skip
    made = [Job(experiment.name, one, **shared) for one in configs]
    for job in made:
        _refuse_begun(experiment, job)
    return made


def _data(text: str | None) -> Any:
    """The folder of data sets; one that is none is refused, also where nothing would be read from it."""
    if text is None:
        return None
    path = _path(text)
    if not path.is_dir():
        raise UsageError(f"data: {text!r} isn't a folder; name the one that holds the data sets")
    return path


def _refuse_begun(experiment: Experiment, job: Job) -> None:
    """Before anything is trained: no run of several must turn out to be begun after the others are done."""
    from nets.core import folder as folders

    path = job.out / folders.folder_name(experiment, job.config)
    found = folders.read(path)
    if found is not None and found.begun:
        raise UsageError(f"out: {path} holds a run that was begun; go on with it (--resume {path}), or name another folder")


def _resumed(arguments: argparse.Namespace) -> list[Job]:
    """The job of a run that was begun."""
    for name in (*_RUN, "out"):
        if getattr(arguments, name) is not None:
            raise UsageError(f"{name}: given beside --resume, whose run has its own; leave it out")
    from nets.core import folder as folders
    from nets.core import registry
    from nets.core.jobs import Job

    found = folders.existing(_path(arguments.resume).resolve())
    experiment = registry.experiment(found.head["experiment"])
    if arguments.experiment is not None and registry.experiment(arguments.experiment) is not experiment:
        raise UsageError(f"experiment: {arguments.resume} is of {experiment.name}, not of {arguments.experiment}; leave it out")
    config = folders.config_of(found, experiment)
    if found.path.name != folders.folder_name(experiment, config):
        raise UsageError(f"resume: {arguments.resume} was renamed; call it {folders.folder_name(experiment, config)} again")
    last = found.head["sessions"][-1] if found.head["sessions"] else {}
    hardware = _hardware(arguments, {name: last[name] for name in ("device", "devices", "nodes") if name in last})
    data = last.get("data") if arguments.data is None else _data(arguments.data)
    return [
        Job(
            experiment.name, config, _shown(found.path.parent), hardware, resume=True,
            data=None if data is None else _path(data), tensorboard=arguments.tensorboard, command=_command(),
        )
    ]  # fmt: skip


def _config(arguments: argparse.Namespace, config: Config) -> Config:
    """The preset, changed by the file, then by --set, then by the options of their own."""
    if arguments.config is not None:
        from nets.core.config import read_toml

        config = config.with_values(read_toml(arguments.config))
    given: dict[str, str] = {}
    for text in arguments.set or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"set: {text[:60]!r} is not key=value; write it like --set lr=0.01")
        if name.strip() in given:
            raise UsageError(f"set: {name.strip()} is given twice; give it once")
        given[name.strip()] = value
    for name in ("precision", "threads"):
        if getattr(arguments, name) is not None:
            if name in given:
                raise UsageError(f"{name}: given twice, with --set and --{name}; give it once")
            given[name] = getattr(arguments, name)
    if "seed" in given and arguments.seeds is not None:
        raise UsageError("seed: given beside --seeds; give one of them")
    return config.with_values(given)


def _hardware(arguments: argparse.Namespace, usual: dict[str, Any] | None = None) -> Hardware:
    from nets.core.config import Hardware

    given = dict(usual or {})
    if arguments.device is not None:
        given["device"] = arguments.device.strip().lower()
    for name in ("devices", "nodes"):
        if getattr(arguments, name) is not None:
            given[name] = integer_from(getattr(arguments, name), name, 1)
    return Hardware(**given)


def seeds_from(text: str) -> list[int]:
    """Seeds as the command line writes them.

    >>> seeds_from("0:5"), seeds_from("3"), seeds_from("0,2,7:9")
    ([0, 1, 2, 3, 4], [3], [0, 2, 7, 8])
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,18})\s*(?::\s*(\d{1,18})\s*)?", part)
        if match is None:
            raise UsageError(f"seeds: {text[:60]!r} is none; write them like 0:5 (that is 0 to 4), 3, or 0,2,7")
        first = int(match[1])
        last = first + 1 if match[2] is None else int(match[2])
        if not first < last <= first + MOST_SEEDS:
            raise UsageError(f"seeds: {part.strip()} must go from a seed to a larger one, at most {MOST_SEEDS} of them")
        seeds += range(first, last)
    if len(set(seeds)) < len(seeds):
        raise UsageError(f"seeds: {text[:60]} names a seed twice; give each once")
    return seeds


def _record(outcomes: list[Outcome]) -> None:
    from nets.core.records import RECORDS, record

    for outcome in outcomes:
        if outcome.results is not None and outcome.results.status == "done":
            print(f"recorded in {record(outcome.results, RECORDS)}", file=sys.stderr)


def _results(outcome: Outcome) -> Results | None:
    """What came of a run; of one that failed, as far as it came."""
    from nets.core import folder as folders
    from nets.core import registry
    from nets.core.run import results

    if outcome.results is not None or outcome.wrong_input or not outcome.reason:
        return outcome.results
    experiment = registry.experiment(outcome.job.experiment)
    found = folders.read(outcome.job.out / folders.folder_name(experiment, outcome.job.config))
    if found is None:
        return None
    return replace(results(found, experiment), status="failed", reason=outcome.reason)


def _status(jobs: list[Job], outcomes: list[Outcome]) -> int:
    """The exit status; what went wrong is said on standard error, a line each, and the commands that go on."""
    from nets.core import folder as folders
    from nets.core import registry

    status, unfinished = 0, []
    for number, job in enumerate(jobs):
        outcome = outcomes[number] if outcomes else None
        if outcome is not None and outcome.reason:
            about = f"{job.label}: " if len(jobs) > 1 or not outcome.wrong_input else ""
            print(f"driftproof: {about}{outcome.reason}", file=sys.stderr)
            status = max(status, 2 if outcome.wrong_input else 1)
        elif outcome is not None and outcome.results is not None and outcome.results.status == "diverged":
            print(f"driftproof: {job.label}: {outcome.results.reason}", file=sys.stderr)
            status = max(status, 1)
        elif outcome is None or outcome.results is None or outcome.results.status == "stopped":
            unfinished.append(job)
    for job in unfinished:
        path = job.out / folders.folder_name(registry.experiment(job.experiment), job.config)
        if folders.read(path) is not None:
            print(f"driftproof: stopped; to go on: driftproof train --resume {shlex.quote(str(path))}", file=sys.stderr)
        else:
            print(f"driftproof: stopped before {job.label} began", file=sys.stderr)
    return 130 if unfinished else status


def _value(result: Results, key: str) -> Any:
    if key == "config":
        return result.config.to_dict()
    return str(result.run_dir) if key == "run_dir" else getattr(result, key)


def _print(done: list[Results]) -> None:
    names = list(dict.fromkeys(name for result in done for name in result.metrics))
    columns = ("experiment", "seed", "status", "updates", "examples", "seconds", *names, "folder")
    rows = [
        [
            r.experiment, str(r.seed), r.status, str(r.updates), str(r.examples), f"{r.seconds:.1f}",
            *(number_text(r.metrics.get(name)) for name in names), str(r.run_dir),
        ]
        for r in done
    ]  # fmt: skip
    print_table(columns, rows, numeric=columns[1:2] + columns[3:-1])


def _list(as_json: bool) -> int:
    from nets.core import registry

    found = registry.experiments()
    if as_json:
        print_json([{"experiment": e.name, "summary": e.summary, "presets": list(e.presets)} for e in found])
    else:
        rows = [[e.name, ", ".join(e.presets), ", ".join(stage.name for stage in e.stages), e.summary] for e in found]
        print_table(("experiment", "presets", "stages", "summary"), rows)
    return 0


def _list_keys(name: str, as_json: bool) -> int:
    """What --set takes for an experiment, and the presets' values."""
    from nets.core import registry
    from nets.core.config import what_fields_take

    experiment = registry.experiment(name)
    presets = {preset: config.to_dict() for preset, config in experiment.presets.items()}
    words = what_fields_take(next(iter(experiment.presets.values())))
    if as_json:
        in_presets = {key: {preset: values[key] for preset, values in presets.items()} for key in words}
        print_json([{"key": key, "takes": takes, **in_presets[key]} for key, takes in words.items()])
        return 0
    rows = [[key, *(_shown_value(values[key]) for values in presets.values()), takes] for key, takes in words.items()]
    print_table(("key", *presets, "takes"), rows)
    return 0


def _shown_value(value: Any) -> str:
    """As --set reads it."""
    if isinstance(value, list):
        return ",".join(map(_shown_value, value)) or "()"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@contextlib.contextmanager
def _termination() -> Iterator[None]:
    """SIGTERM is heard like Ctrl-C, also before and between the stages, which hear both by themselves."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _command() -> str:
    return shlex.join(["driftproof", *sys.argv[1:]])


def _path(text: str) -> Any:
    from pathlib import Path

    return Path(text)


def _shown(path: Any) -> Any:
    """Relative to the current folder where it lies below it: that is what the user can copy."""
    from pathlib import Path

    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
