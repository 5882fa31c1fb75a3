"""Runs in processes of their own: one a run (one a device of it, where it uses several), some of them at a time.

A run's process is a fresh one, so that nothing of another run reaches it, and heads a session of its own: Ctrl-C in a terminal
reaches the process that started it alone, which passes it on once. Each run then ends its update, keeps a checkpoint and is
told as stopped. A run whose starter is gone stops in the same way. No torch in the process that starts them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import connection, resource_tracker
from pathlib import Path
from typing import Any

from nets.core import registry
from nets.core.config import Config, Hardware
from nets.core.run import Results, run
from theory.errors import InputError

_EVERY = 0.1  # seconds between two reports of a run
_GRACE = 10.0  # seconds that the other processes of a run have when one is gone


@dataclass(frozen=True)
class Job:
    """A call of :func:`nets.core.run.run`, to be sent to a process; see there.

    Attributes
    ----------
    modules : tuple of str
        Where experiments are defined, as in this process.
    """

    experiment: str
    config: Config
    out: Path
    hardware: Hardware = field(default_factory=Hardware)
    resume: bool = False
    start_from: str | None = None
    data: Path | None = None
    tensorboard: bool = False
    command: str | None = None
    modules: tuple[str, ...] = field(default_factory=lambda: registry.MODULES)

    @property
    def label(self) -> str:
        """What a progress bar and an error call it."""
        return f"{self.experiment}, seed {self.config.seed}"

    def run(self, watch: Any = None) -> Results:
        """Run it in this process."""
        options = {name: getattr(self, name) for name in ("out", "hardware", "resume", "start_from", "data", "tensorboard")}
        return run(self.experiment, self.config, watch=watch, command=self.command, **options)


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    job : Job
    results : Results or None
        None where it raised an error, or didn't begin before a signal came.
    reason : str
        The error in one line; empty where there is none.
    wrong_input : bool
        Whether it was the input's fault.
    """

    job: Job
    results: Results | None = None
    reason: str = ""
    wrong_input: bool = False


class Watch:
    """Who is told how far each of several jobs is; this one tells nobody."""

    def update(self, job: int, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        """The job of this number has done so many updates of the stage's total."""

    def say(self, job: int, line: str) -> None:
        """Something that the user must know."""
        print(line, file=sys.stderr, flush=True)

    def ended(self, job: int, outcome: Outcome) -> None:
        """The job has come to an end."""


def attempt(job: Job, watch: Any = None) -> Outcome:
    """Run a job in this process; errors become part of the outcome, Ctrl-C passes through."""
    try:
        return Outcome(job, job.run(watch))
    except InputError as error:
        return Outcome(job, None, " ".join(str(error).split()), wrong_input=True)
    except Exception as error:  # whatever it is: other jobs go on
        return Outcome(job, None, f"{type(error).__name__}: {' '.join(str(error).split())[:500]}".rstrip(": "))


def run_all(jobs: Sequence[Job], workers: int = 1, watch: Watch | None = None) -> list[Outcome]:
    """Run jobs in processes of their own.

    Parameters
    ----------
    jobs : sequence of Job
    workers : int
        How many at a time.
    watch : Watch, optional

    Returns
    -------
    list of Outcome
        In the order of the jobs. After SIGINT or SIGTERM those that ran are ``stopped``, and those that hadn't begun have
        neither results nor a reason.
    """
    watch, outcomes = watch or Watch(), dict[int, Outcome]()
    waiting, running = list(enumerate(jobs)), list[_Running]()
    try:
        with _passed_on(running) as asked:
            while running or (waiting and not asked):
                while waiting and len(running) < workers and not asked:
                    number, job = waiting.pop(0)
                    running.append(_Running(number, job, watch))
                    if asked:  # it was not in the list yet
                        running[-1].signal(signal.SIGINT)
                connection.wait([handle for one in running for handle in one.handles()], timeout=1.0)
                for one in list(running):
                    outcome = one.look()
                    if outcome is not None:
                        running.remove(one)
                        outcomes[one.number] = outcome
                        watch.ended(one.number, outcome)
    finally:
        for one in running:
            one.end()
    return [outcomes.get(number, Outcome(job)) for number, job in enumerate(jobs)]


class _Running:
    """A job that runs: its processes, and the pipe from the first of them."""

    def __init__(self, number: int, job: Job, watch: Watch) -> None:
        self.number, self.job, self.watch = number, job, watch
        self._outcome: Outcome | None = None
        self._gone = 0.0  # when a process was first found gone
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe(duplex=False)
        shared = _shared(job.hardware)
        self._processes = []
        resource_tracker.ensure_running()
        with _blocked():
            for rank in range(len(shared)):
                process = context.Process(target=_child, args=(job, theirs if rank == 0 else None, shared[rank]), daemon=False)
                process.start()
                self._processes.append(process)
        theirs.close()

    def handles(self) -> list[Any]:
        """What is ready when there is something to see."""
        return [*([] if self._pipe.closed else [self._pipe]), *(p.sentinel for p in self._processes if p.is_alive())]

    def signal(self, number: int) -> None:
        for process in self._processes:
            if process.is_alive() and process.pid:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, number)

    def look(self) -> Outcome | None:
        """Pass on what the job has told; its outcome once all of its processes are gone."""
        while not self._pipe.closed:
            try:
                if not self._pipe.poll():
                    break
                kind, *told = self._pipe.recv()
            except (EOFError, OSError):
                self._pipe.close()
                break
            if kind == "ended":
                self._outcome = told[0]
            else:
                getattr(self.watch, kind)(self.number, *told)
        gone = [process for process in self._processes if not process.is_alive()]
        if gone and not self._gone:
            self._gone = time.monotonic()
        if len(gone) < len(self._processes):
            if gone and time.monotonic() - self._gone > _GRACE:  # the others wait for what doesn't come
                self.end()
            return None
        if self._outcome is not None:
            return self._outcome
        code = next((process.exitcode for process in self._processes if process.exitcode), 0)
        how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
        return Outcome(self.job, None, f"its process {how}" + (" (out of memory?)" if code == -9 else ""))

    def end(self) -> None:
        for process in self._processes:
            if process.is_alive():
                process.kill()
                process.join()


class _Teller:
    """The watch of a run's process: tells the process that started it, and stops the run if that one is gone."""

    def __init__(self, pipe: Any) -> None:
        self._pipe, self._last = pipe, 0.0

    def update(self, done: int, total: int, examples: int, metrics: Mapping[str, float]) -> None:
        now = time.monotonic()
        if now - self._last > _EVERY or done == total:
            self._last = now
            self.tell("update", done, total, examples, dict(metrics))

    def say(self, line: str) -> None:
        self.tell("say", line)

    def tell(self, *what: Any) -> None:
        if self._pipe is None:
            return
        try:
            self._pipe.send(what)
        except OSError:
            self._pipe = None
            os.kill(os.getpid(), signal.SIGTERM)


def _child(job: Job, pipe: Any, environment: Mapping[str, str]) -> None:
    """What a process does that runs a job, or a share of one."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    os.environ.update(environment)
    registry.MODULES = job.modules
    teller = _Teller(pipe)
    try:
        outcome = attempt(job, teller)
    except KeyboardInterrupt:  # before the training loop, which knows signals
        outcome = Outcome(job)
    teller.tell("ended", replace(outcome, job=job))
    if outcome.results is None and pipe is None:
        sys.exit(1)  # said by the first process, if it can


def _shared(hardware: Hardware) -> list[dict[str, str]]:
    """The environment of each process of a job: how they find each other. One process needs nothing; with several machines, or
    under a launcher that has set it already, there is one of ours here."""
    if hardware.devices == 1 or hardware.nodes > 1 or "LOCAL_RANK" in os.environ:
        return [{}]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "NODE_RANK": "0", "WORLD_SIZE": str(hardware.devices)}
    return [{**meeting, "LOCAL_RANK": str(rank)} for rank in range(hardware.devices)]


@contextmanager
def _blocked() -> Any:
    """Signals wait until the block ends, also in processes that are started in it: they begin without a handler."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _passed_on(running: list[_Running]) -> Any:
    """A list that fills when SIGINT or SIGTERM comes, which is passed on to what runs. Elsewhere than in the main thread signals
    can't be caught, and the list stays empty."""
    asked: list[int] = []

    def note(number: int, frame: Any) -> None:
        asked.append(number)
        for one in running:
            one.signal(signal.SIGINT)

    try:
        before: dict[int, Callable[..., Any] | int | None] = {n: signal.signal(n, note) for n in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:
        before = {}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
