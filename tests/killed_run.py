"""Runs that are killed at random moments and gone on with must end as undisturbed ones (no tests here).

:func:`assert_survives_kills` is for the tests of any experiment. Its commands are Python's arguments: a script or ``-m module``,
then what that reads. They are started by forks of one process that has imported torch and the trainer, so that the kill falls
into training and not into a second of imports. The moments are seeded, but where they fall depends on the machine: the
statement holds for all of them, and it is checked that enough fell between the first and the last checkpoint.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def assert_survives_kills(
    make_command: Callable[[Path], Sequence[str]], run_dir: Path, *, stage: str = "main", kills: int = 5, seed: int = 0
) -> None:
    """Train undisturbed, and again with kills; metrics (apart from seconds) and checkpoints must be equal.

    ``make_command(folder)`` gives the arguments that train in that folder, going on where there is something; ``stage`` is the
    subfolder of the folder, or of the only one in it, whose checkpoints are compared.
    """
    told = kill(make_command, run_dir, stage=stage, kills=kills, seed=seed)
    one, other = (only(run_dir / name) for name in ("undisturbed", "killed"))
    first, second = without_seconds(one / "metrics.csv"), without_seconds(other / "metrics.csv")
    assert first == second and len(first) > 2, f"metrics differ after kills at updates {told['updates']}"
    for name in ("last.pt", "best.pt"):
        if (one / stage / name).exists() or name == "last.pt":
            difference = different(one / stage / name, other / stage / name)
            assert not difference, f"{name}: {difference} differs after kills at updates {told['updates']}"


def kill(make_command: Callable[[Path], Sequence[str]], run_dir: Path, *, stage: str, kills: int, seed: int) -> dict:
    """Make ``run_dir/undisturbed`` and ``run_dir/killed``; what became of the processes."""
    run_dir.mkdir(parents=True, exist_ok=True)
    commands = {name: list(map(str, make_command(run_dir / name))) for name in ("undisturbed", "killed")}
    asked = {**commands, "folder": str(run_dir / "killed"), "stage": stage, "kills": kills, "seed": seed}
    run = subprocess.run(
        [sys.executable, __file__, json.dumps(asked)], capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["statuses"].count(-signal.SIGKILL) == kills and told["statuses"][-1] == 0, (told, run.stderr[-3000:])
    inside = {update for update in told["updates"] if 0 < update < told["total"]}
    assert len(inside) >= 2, f"the kills left checkpoints of {told['updates']}: training is too short for its start"
    return told


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


def _start(command: list[str]) -> int:
    """Fork a process that runs Python with these arguments; its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
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


def _update(folder: Path, stage: str) -> int:
    """Of the newest checkpoint, -1 if there is none."""
    from nets.core.checkpoint import newest

    found, _ = newest(only(folder) / stage)
    return found["update"] if found else -1


def main(undisturbed: list[str], killed: list[str], folder: str, stage: str, kills: int, seed: int) -> None:
    import lightning_fabric  # noqa: F401 - imported once for all forks

    import nets.core.loop  # noqa: F401

    with contextlib.redirect_stdout(sys.stderr):
        began = time.perf_counter()
        assert _end(_start(undisturbed)) == 0
        seconds = time.perf_counter() - began
        draw, statuses, updates = random.Random(seed), [], []
        while statuses.count(-signal.SIGKILL) < kills and len(statuses) < 50 and 0 not in statuses:
            child = _start(killed)
            time.sleep(draw.uniform(0.1, 1.6) * seconds / kills)
            os.kill(child, signal.SIGKILL)
            statuses.append(_end(child))
            updates.append(_update(Path(folder), stage))
        statuses.append(_end(_start(killed)))
        total = _update(Path(folder), stage)
    print(json.dumps({"statuses": statuses, "updates": updates, "total": total, "seconds": seconds}))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
