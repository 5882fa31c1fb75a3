"""A program that sweeps and is killed: ``python sweep_victim.py FOLDER PLAN FAULT...``, run by test_sweep_killed.py.

For each fault a fork of this process sweeps into FOLDER/<fault> and suffers it; further ones finish what it left. What came of
them is printed as JSON: for each fault the exit statuses, negative for a signal. Forks, since nothing but the sweep is then in
the time that is measured out for a kill: imports and compilation are done before.
"""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import json
import os
import pathlib
import random
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sim import Plan, sweep
from sim.sweeps import run, store
from theory import InputError, files

SPOKEN = 3  # exit status of a sweep that said in one line why it stopped


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class HalfWritten(io.FileIO):
    """A file whose first write gets half of its bytes to the system before ``then`` happens."""

    then: Callable[[], None]

    def write(self, data):
        super().write(bytes(data)[: len(data) // 2])
        self.then()


def no_space() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def nth(number: int, real: Callable, instead: Callable) -> Callable:
    """``real``, but ``instead`` at the given call."""
    calls = iter(range(1, 10**9))
    return lambda *args, **options: (instead if next(calls) == number else real)(*args, **options)


def half_written(number: int, then: Callable[[], None]) -> None:
    """The number-th file that is written whole gets half of its bytes."""
    real, count = pathlib.Path.open, iter(range(1, 10**9))

    def open_(self, mode="r", *args, **options):
        if mode == "wb" and next(count) == number:
            file = HalfWritten(self, "wb")
            file.then = then
            return file
        return real(self, mode, *args, **options)

    pathlib.Path.open = open_


def in_cell(number: int) -> None:
    """Die some milliseconds after the number-th cell began, while its kernel runs: for that it runs again and again."""

    def attempt(cell, threads):
        threading.Timer(0.005, die).start()
        while True:
            real(cell, threads)

    real = run.attempt
    run.attempt = nth(number, real, attempt)


def one_cell() -> None:
    """A second cell isn't run before this process is killed."""

    def attempt(cell, threads):
        return real(cell, threads) if next(first, False) else time.sleep(600)

    first, real = iter([True]), run.attempt
    run.attempt = attempt


def without_locks() -> None:
    """Nothing tells that somebody else sweeps here."""
    store.fcntl = None


FAULTS: dict[str, Callable[[int], None]] = {
    "write": lambda number: half_written(number, die),
    "full": lambda number: half_written(number, no_space),
    "rename": lambda number: setattr(os, "replace", nth(number, os.replace, lambda *_: die())),
    "renamed": lambda number: setattr(os, "replace", nth(number, os.replace, lambda *args: (REPLACE(*args), die()))),
    "cell": in_cell,
    "limit": lambda number: resource.setrlimit(resource.RLIMIT_FSIZE, (number, number)),  # bytes a file
    "none": lambda number: None,
}
REPLACE = os.replace


def start(plan: Plan, folder: Path, inject: Callable[[], None]) -> int:
    """Fork a process that sweeps; its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        inject()
        status = 0 if sweep(plan, folder, threads=1).failed == 0 else 2
    except InputError as error:
        (folder.parent / f"{folder.name}.said").write_text(str(error))
        status = SPOKEN
    finally:
        os._exit(status)


def end(child: int) -> int:
    """Wait for a process; its exit status, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def naive() -> None:
    """The store as one would write it without a thought: in place, and what is there counts as done."""

    @contextlib.contextmanager
    def in_place(path, sync=True):
        with path.open("wb") as file:
            yield file

    files.whole = in_place
    store.Store.done = lambda self, key: self.path(key).exists()


def suffer(plan: Plan, folder: Path, fault: str) -> list[int]:
    """One sweep with the fault, one without; between their exit statuses the number of tables that the first one left."""
    *careless, name, number = fault.split("-")
    always = naive if careless else lambda: None
    first = end(start(plan, folder, lambda: (always(), FAULTS[name](int(number)))))
    left = len(list(folder.glob("cells/*.parquet")))
    return [first, left, end(start(plan, folder, always))]


def any_moment(plan: Plan, folder: Path, seconds: float, sweeps: int) -> list[int]:
    """Kill sweeps after random times, ``sweeps`` at a time (without locks if several), until one comes to its end.

    A sweep runs one cell at most, and the times grow: however fast or slow the machine is, several are killed, and one ends.
    """
    generator, statuses, lives = random.Random(folder.name), list[int](), itertools.count()
    while 0 not in statuses and len(statuses) < 200:
        children = [start(plan, folder, lambda: (one_cell(), without_locks() if sweeps > 1 else None)) for _ in range(sweeps)]
        longest = seconds * 1.1 ** next(lives)
        for child in children:
            time.sleep(generator.uniform(0, longest))
            os.kill(child, signal.SIGKILL)
        statuses += [end(child) for child in children]
    return statuses


def main() -> None:
    folder, plan = Path(sys.argv[1]), Plan.read(sys.argv[2])
    sweep(plan, folder / "undisturbed", threads=1)  # compiles, too
    began = time.perf_counter()
    sweep(plan, folder / "timed", threads=1)
    seconds = time.perf_counter() - began
    said: dict[str, list[int]] = {}
    for fault in sys.argv[3:]:
        if fault.startswith("moments"):
            said[fault] = any_moment(plan, folder / fault, seconds / 4, 1)
        elif fault.startswith("two"):
            said[fault] = any_moment(plan, folder / fault, seconds / 4, 2)
        elif fault == "together":
            children = [start(plan, folder / fault, without_locks) for _ in range(3)]
            said[fault] = [end(child) for child in children]
        else:
            said[fault] = suffer(plan, folder / fault, fault)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
