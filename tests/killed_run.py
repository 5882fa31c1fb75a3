"""Runs that are killed at random moments and gone on with must end as undisturbed ones (no tests here).

:func:`assert_survives_kills` is for the tests of any experiment. Its commands are Python's arguments: a script or ``-m module``,
then what that reads. They are started by forks of one process that has imported torch and the trainer, so that the kill falls
into training and not into a second of imports. A kill falls a random time after the table of metrics has reached a random
length, each one in another part of the run, at whose end the run waits for it: so each stage gets some, however fast or busy
the machine is. Where exactly they fall depends on it; the statement holds for all moments.
"""

from __future__ import annotations

import contextlib
import csv
import importlib
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Command = Callable[[Path], Sequence[object]]


def assert_survives_kills(
    make_command: Command,
    run_dir: Path,
    *,
    stages: Sequence[str] = ("main",),
    kills: int = 5,
    seed: int = 0,
) -> None:
    """Train undisturbed, and again with kills; metrics (apart from seconds) and checkpoints must be equal.

    ``make_command(folder)`` gives the arguments that train in that folder, going on where there is something; ``stages`` are the
    subfolders of the folder, or of the only one in it, whose checkpoints are compared.
    """
    assert_all_survive_kills({"": make_command}, run_dir, stages=stages, kills=kills, seed=seed)


def assert_all_survive_kills(make_commands: Mapping[str, Command], run_dir: Path, **options: Any) -> None:
    """The same for several commands by name, each in ``run_dir/name``; what they import is imported once."""
    for name, told in kill(make_commands, run_dir, **options).items():
        _compare(run_dir / name, told, options["stages"])


def _compare(run_dir: Path, told: dict, stages: Sequence[str]) -> None:
    one, other = (only(run_dir / name) for name in ("undisturbed", "killed"))
    first, second = without_seconds(one / "metrics.csv"), without_seconds(other / "metrics.csv")
    assert first == second and len(first) > 2, f"metrics differ after kills at updates {told['updates']}"
    for name in [f"{stage}/{name}" for stage in stages for name in ("last.pt", "best.pt")]:
        if (one / name).exists() or name.endswith("last.pt"):
            difference = different(one / name, other / name)
            assert not difference, f"{name}: {difference} differs after kills at updates {told['updates']}"


def kill(
    make_commands: Mapping[str, Command],
    run_dir: Path,
    *,
    stages: Sequence[str],
    kills: int,
    seed: int,
) -> dict[str, dict]:
    """Make ``undisturbed`` and ``killed`` in the folder of each name; what became of the processes."""
    asked = []
    for number, (name, make_command) in enumerate(make_commands.items()):
        folder = run_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        commands = {which: list(map(str, make_command(folder / which))) for which in ("undisturbed", "killed")}
        asked.append({**commands, "folder": str(folder), "stages": list(stages), "kills": kills, "seed": seed + number})
    run = subprocess.run(
        [sys.executable, __file__, json.dumps(asked)], capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    all_told = dict(zip(make_commands, map(json.loads, run.stdout.splitlines()[-len(asked) :]), strict=True))
    for told in all_told.values():
        assert told["statuses"].count(-signal.SIGKILL) == kills and told["statuses"][-1] == 0, (told, run.stderr[-3000:])
        for i, total in enumerate(told["total"]):
            inside = {updates[i] for updates in told["updates"]} - {0, total}
            assert inside, f"no kill fell into {stages[i]}: the checkpoints left were {told['updates']}"
    return all_told


def only(folder: Path) -> Path:
    """The run's folder: this one, or the only one in it."""
    inner = [path.parent for path in folder.glob("*/metrics.csv")]
    return inner[0] if inner and not (folder / "metrics.csv").exists() else folder


def without_seconds(path: Path) -> list[list[str]]:
    """A table of metrics as it is written, but for the column of seconds."""
    with path.open(newline="") as file:
        return [row[:3] + row[4:] for row in csv.reader(file)]


def different(one: Path, other: Path) -> str:
    """Where two checkpoints differ, apart from seconds and the length of the table that holds them; "" if nowhere."""
    from nets.core.checkpoint import read

    return _different(read(one), read(other), "checkpoint")


def _different(a, b, where):
    import torch

    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        found = (_different(a[key], b[key], f"{where}[{key!r}]") for key in a if key not in ("seconds", "log_bytes"))
        return next(filter(None, found), "")
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return next(filter(None, (_different(x, y, f"{where}[{i}]") for i, (x, y) in enumerate(zip(a, b, strict=True)))), "")
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return "" if a.dtype == b.dtype and torch.equal(a, b) else where
    return "" if type(a) is type(b) and (a == b or a != a) else where


def _rows(table: Path) -> int:
    return table.read_bytes().count(b"\n") if table.exists() else 0


def _wait_at(table: Callable[[], Path], rows: float) -> None:
    """Nothing is done once the table has that many rows, until this process is killed, or its parent has gone."""
    from nets.core.log import MetricLog

    write, parent = MetricLog.write, os.getppid()

    def write_and_wait(self: MetricLog, *row: Any) -> None:
        write(self, *row)
        while _rows(table()) >= rows and os.getppid() == parent:
            time.sleep(0.01)

    MetricLog.write = write_and_wait  # type: ignore[method-assign]


def _start(command: list[str], prepare: Callable[[], None] = lambda: None) -> int:
    """Fork a process that runs Python with these arguments; its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        prepare()
        if command[0] == "-m":
            sys.argv = command[1:]
            runpy.run_module(command[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = command
            runpy.run_path(command[0], run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _end(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _kill(child: int, table: Callable[[], Path], rows: float, pause: float) -> int:
    """Kill a process a while after the table has that many rows; its exit status."""
    while _rows(table()) < rows:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    return _end(child)


def main(undisturbed: list[str], killed: list[str], folder: str, stages: list[str], kills: int, seed: int) -> None:
    import torch

    from nets.core.checkpoint import newest

    torch.set_num_threads(1)  # a fork has none of the threads that were there before it

    whole, other = Path(folder) / "undisturbed", Path(folder) / "killed"

    def kept() -> list[int]:
        found = [newest(only(other) / stage)[0] for stage in stages]
        return [checkpoint["update"] if checkpoint else 0 for checkpoint in found]

    with contextlib.redirect_stdout(sys.stderr):
        began = time.perf_counter()
        assert _end(_start(undisturbed)) == 0
        seconds = time.perf_counter() - began
        part = _rows(only(whole) / "metrics.csv") / (kills + 1)
        draw, statuses, updates = random.Random(seed), [], []

        def table() -> Path:
            return only(other) / "metrics.csv"

        for i in range(kills):
            child = _start(killed, lambda end=part * (i + 1): _wait_at(table, end))
            statuses.append(_kill(child, table, part * (i + draw.random()), draw.uniform(0, seconds / 20)))
            updates.append(kept())
        statuses.append(_end(_start(killed)))
    print(json.dumps({"statuses": statuses, "updates": updates, "total": kept(), "seconds": seconds}), flush=True)


def _prepare() -> None:
    """Do once what each fork would do again: imports, and the reading of the sources. Plots aren't compared, nor drawn."""
    own = (
        "driftproof.cli",
        "driftproof.commands.train",
        "nets.core.jobs",
        "nets.core.loop",
        "nets.rtrl.build",
        "nets.rtrl.estimators",
    )
    for module in ("beartype", "jaxtyping", "lightning_fabric", "pandas", *own):
        importlib.import_module(module)
    from nets.core import plot, registry, sources

    for experiment in registry.experiments():
        sources.sources_hash(experiment)
    plot.draw = lambda *_: None


if __name__ == "__main__":
    _prepare()
    for case in json.loads(sys.argv[1]):
        main(**case)
