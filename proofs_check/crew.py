"""Claims decided one after the other, or by several processes at a time. What comes out doesn't depend on how many.

A process is started anew and gets the names of claims through a pipe; what a claim is, it knows itself, since functions can't be
sent. One that dies takes one claim with it, which has failed then; one whose parent dies ends at once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from proofs_check.claim import Claim, Outcome, Result

LOOK = 0.5  # seconds between two looks at the clock


@dataclass(frozen=True)
class News:
    """What is being decided at the moment, and, if a claim is done, its result."""

    at_work: tuple[str, ...]
    result: Result | None = None


def decide(claims: Sequence[Claim], preset: str, workers: int) -> Iterator[News]:
    """Decide claims; news come whenever a claim is begun or done, and now and then in between.

    Parameters
    ----------
    claims : sequence of Claim
    preset : str
    workers : int
        Processes; with 1, or for one claim, there is no other than this one.
    """
    if min(workers, len(claims)) <= 1:
        for claim in claims:
            yield News((claim.id,))
            yield News((), claim.run(preset))
        return
    crew = _Crew(preset, min(workers, len(claims)))
    try:
        yield from crew.decide(list(claims))
    finally:  # Ctrl-C, or an error of whoever listens
        crew.end()


class _Crew:
    """Processes and the claims that they are at; a process without one is idle."""

    def __init__(self, preset: str, size: int) -> None:
        self._preset = preset
        self._processes: dict[Connection, Any] = {}
        self._at: dict[Connection, Claim] = {}
        for _ in range(size):
            self._hire()

    def decide(self, waiting: list[Claim]) -> Iterator[News]:
        while waiting or self._at:
            for pipe in list(self._processes):
                if waiting and pipe not in self._at:
                    self._at[pipe] = waiting.pop(0)
                    pipe.send(self._at[pipe].id)
            yield self._news()
            for ready in wait(list(self._at), timeout=LOOK):
                assert isinstance(ready, Connection)
                yield self._news(self._receive(ready))

    def _receive(self, pipe: Connection) -> Result:
        claim = self._at.pop(pipe)
        try:
            result = pipe.recv()
        except EOFError:
            process = self._processes.pop(pipe)
            process.join()
            why = f"killed by signal {-process.exitcode}" if process.exitcode < 0 else f"ended with status {process.exitcode}"
            self._hire()
            return claim.result(self._preset, Outcome("failed", f"the process that decided it was {why}; out of memory?"), 0.0)
        return claim.result(self._preset, *result)

    def _news(self, result: Result | None = None) -> News:
        return News(tuple(claim.id for claim in self._at.values()), result)

    def _hire(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._preset), daemon=True)
        with _Deaf():
            process.start()
        theirs.close()
        self._processes[ours] = process

    def end(self) -> None:
        for pipe, process in self._processes.items():
            process.kill()
            process.join()
            pipe.close()


class _Deaf:
    """A process that is started now doesn't hear Ctrl-C, which reaches all processes of a terminal: its parent sees to it."""

    def __enter__(self) -> None:
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = signal.signal(signal.SIGINT, signal.SIG_IGN)

    def __exit__(self, *_: object) -> None:
        if self._main:
            signal.signal(signal.SIGINT, self._before)


def _work(pipe: Connection, preset: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from proofs_check.checking import claims

    known = {claim.id: claim for claim in claims()}
    while True:
        try:
            result = known[pipe.recv()].run(preset)
        except EOFError:
            return
        pipe.send((result.outcome, result.seconds))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
