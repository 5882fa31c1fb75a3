"""The folder of a run: what made it, how far it is, what came out.

::

    runs/ok-rtrl.copy-1f0c55a8e9d2-s0/      one experiment, one config but for the seed (its hash), one seed
        run.json                            experiment, config, seed, status, stages, facts, and one session for each start
        metrics.csv                         update, step, examples, seconds, split, name, value
        <stage>/last.pt, best.pt            checkpoints
        plot.svg                            the curves of the metrics that the experiment names
        lock                                held by the process that trains here; free as soon as it is gone, however it went

``run.json`` is written whole or not at all. Statuses: ``running`` (or killed: the lock tells), ``stopped`` (by a signal),
``failed`` (an error, with its reason), ``diverged`` and ``done``. The last two are final: such a run is not trained again.
No torch here.
"""

from __future__ import annotations

import json
import math
import os
import platform
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nets.core.config import Config, Hardware, config_hash
from nets.core.experiment import Experiment
from nets.core.sources import sources_hash
from theory.errors import InputError
from theory.files import machine_facts, version_of, write_whole

try:
    import fcntl
except ImportError:  # a system without flock: nothing tells two processes apart
    fcntl = None  # type: ignore[assignment]

HEAD, METRICS, PLOT = "run.json", "metrics.csv", "plot.svg"
FINAL = ("done", "diverged")
_FORMAT, _SCHEMA = "driftproof run", 1
_LOCK = "lock"
_KEYS = {"experiment", "config", "config_hash", "seed", "status", "stages", "facts", "sessions"}


def folder_name(experiment: Experiment, config: Config) -> str:
    """The folder of a run in the folder of runs: different runs have different ones."""
    return f"{experiment.name}-{config_hash(config)}-s{config.seed}"


@dataclass
class RunFolder:
    """A run's folder and what its ``run.json`` says.

    Attributes
    ----------
    path : Path
    head : dict
        The content of ``run.json``; :meth:`save` writes it.
    """

    path: Path
    head: dict[str, Any]

    @property
    def status(self) -> str:
        return self.head["status"]

    @property
    def begun(self) -> bool:
        """Whether there is something to go on with: one that failed before its first checkpoint is simply begun again."""
        return self.status not in FINAL and (bool(self.head["stages"]) or any(self.path.glob("*/*.pt")))

    def save(self, **changes: Any) -> None:
        """Change the head and write it."""
        self.head.update(changes)
        write_whole(self.path / HEAD, json.dumps(plain(self.head), indent=1, ensure_ascii=False).encode())

    def complete(self, stage: str) -> bool:
        """Whether a stage is."""
        return self.head["stages"].get(stage, {}).get("status") == "done"

    def refuse_other(self, experiment: Experiment, config: Config) -> None:
        """Refuse a run that isn't this one.

        Raises
        ------
        InputError
            Naming the first field that differs.
        """
        if self.head["experiment"] != experiment.name:
            raise InputError(f"run: {self.path} is of {self.head['experiment']}, not of {experiment.name}; name another folder")
        differing = difference(self.head["config"], config, list(config.to_dict()))
        if differing:
            raise InputError(f"run: {self.path} was made with another config: {differing}; name another folder")

    def refuse_other_data(self, data: Mapping[str, Any] | None) -> None:
        """Refuse a run on other data than this (see :attr:`nets.core.experiment.Experiment.data`); where is no matter.

        Raises
        ------
        InputError
            Naming both sources.
        """
        own = self.head["facts"].get("data")
        if own and data and own.get("sha256") != data["sha256"]:
            raise InputError(
                f"data: {self.path} has learned from {own.get('source')}, and {data['source']} has another hash; "
                "name the folder of the same data (--data), or another folder of runs (--out)"
            )


def begin(experiment: Experiment, config: Config, path: Path) -> RunFolder:
    """A new run in a new or empty folder.

    Raises
    ------
    InputError
        If the folder holds something else or can't be written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        others = sorted(name for name in os.listdir(path) if name != _LOCK and not name.startswith("."))
    except OSError as error:
        raise InputError(f"out: {path} can't be written: {error.strerror or error}") from None
    if others:
        raise InputError(f"out: {path} holds other files ({others[0]}) and is no run; name another folder")
    head = {
        "format": _FORMAT, "schema": _SCHEMA, "experiment": experiment.name, "summary": experiment.summary,
        "config": config.to_dict(), "config_hash": config_hash(config), "seed": config.seed, "status": "running", "reason": "",
        "stages": {}, "facts": {}, "sessions": [],
    }  # fmt: skip
    return RunFolder(path, head)


def read(path: str | os.PathLike) -> RunFolder | None:
    """The run in a folder; None where there is none.

    Raises
    ------
    InputError
        If its ``run.json`` can't be read or is of something else.
    """
    folder = Path(path)
    file = folder / HEAD
    try:
        head = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"run: can't read {file}: {' '.join(str(error).split())}") from None
    if not isinstance(head, dict) or head.get("format") != _FORMAT or not set(head) >= _KEYS:
        raise InputError(f"run: {file} is not of a run; name a folder that driftproof train made")
    if head.get("schema") != _SCHEMA:
        raise InputError(f"run: {file} was written by a newer version (schema {head.get('schema')}); update driftproof")
    return RunFolder(folder, head)


def existing(path: str | os.PathLike) -> RunFolder:
    """Like :func:`read`, where there must be one."""
    found = read(path)
    if found is None:
        raise InputError(f"run: there is none in {path}; name a folder that driftproof train made")
    return found


def config_of(folder: RunFolder, experiment: Experiment) -> Config:
    """The config that a run was made with.

    Raises
    ------
    InputError
        If the experiment's config has other fields today.
    """
    usual = next(iter(experiment.presets.values()))
    missing = [name for name in usual.to_dict() if name not in folder.head["config"]]
    if missing:
        raise InputError(f"run: {folder.path} was made by an older version without {missing[0]}; train it anew")
    return usual.with_values(folder.head["config"])


def difference(found: Mapping[str, Any], config: Config, names: list[str]) -> str:
    """The first of the fields in which a run's config differs, in words; empty if there is none.

    >>> difference({"seed": 0, "lr": 1.0}, Config(seed=3), ["seed"])
    'seed is 0 there and 3 here'
    """
    values = config.to_dict()
    for name in names:
        if name not in found:
            return f"{name} is unknown there and {values[name]} here"
        if found[name] != values[name]:
            return f"{name} is {found[name]} there and {values[name]} here"
    return ""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else trains in this folder inside the block.

    Raises
    ------
    InputError
        If somebody does, or the folder can't be written.
    """
    if fcntl is None:
        yield
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise InputError(f"out: {path} can't be written: {error.strerror or error}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise InputError(f"out: another process trains in {path}; wait for it") from None
    except OSError:  # a file system without locks
        pass
    try:
        yield
    finally:
        os.close(lock)


def session(
    experiment: Experiment, config: Config, hardware: Hardware, command: str | None, data: str | os.PathLike | None
) -> dict[str, Any]:
    """What a start of a run leaves in ``run.json``: results can be repeated bit for bit where all of it but the time agrees."""
    packages = ("driftproof", "torch", "lightning-fabric", "numpy", "scikit-learn")
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "command": shlex.join(sys.argv) if command is None else command,
        "versions": {"python": platform.python_version(), **{package: version_of(package) for package in packages}},
        "machine": {**machine_facts(), "cpu": cpu_type()},
        "threads": config.threads,
        "sources": sources_hash(experiment),
        "device": hardware.device, "devices": hardware.devices, "nodes": hardware.nodes,
        "data": None if data is None else str(Path(data).resolve()),
    }  # fmt: skip


@cache
def cpu_type() -> str:
    """The processor's name with its model number and vector instructions, as the system tells it: what bits may depend on."""
    try:
        lines = Path("/proc/cpuinfo").read_text().partition("\n\n")[0].splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    vectors = sorted(flag for flag in told.get("flags", "").split() if flag.startswith(("avx", "amx", "fma")))
    parts = (told.get("model name", platform.machine()), told.get("cpu family", ""), told.get("model", ""), *vectors)
    return " ".join(part for part in parts if part)


def plain(value: Any) -> Any:
    """A value made of what JSON knows; a number that isn't finite becomes null.

    >>> plain({"loss": float("nan"), "widths": (1, 2)})
    {'loss': None, 'widths': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
