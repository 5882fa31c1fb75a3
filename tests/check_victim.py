"""Planted claims for test_check_resume.py: ``python check_victim.py check ...`` is ``driftproof check ...`` with them alone.

``python check_victim.py kill FOLDER`` forks checks, kills them after random times until one comes to its end, and prints what
became of them as JSON. Forks, since nothing but the check is then in the time that is measured out for a kill. A check that has
decided three of the ten claims waits to be killed, and the times grow: however fast or slow the machine is, three are killed at
least, and one comes to its end.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import proofs_check.state
from proofs_check import registry
from proofs_check.claim import Cell, Claim, Outcome, Setting
from proofs_check.figure import Figure, Series

LOG = os.environ.get("VICTIM_LOG")  # a line for each claim that is decided
SLEEP = 0.02  # seconds that a claim takes
WAITS = set(os.environ.get("VICTIM_WAITS", "").split())  # claims that come to no end
LEFT: Iterator[int] = itertools.count()  # an item for each claim that this process may decide


def drawn(setting: Setting) -> Outcome:
    """Numbers of every kind that an outcome can hold, from the seed alone."""
    time.sleep(SLEEP)
    rng = random.Random(setting.seed)
    one, other = rng.random(), rng.random()
    cells = (Cell("n = 1", "consistent", one, other, (other, float("inf"))), Cell("n = 2", "proved", exact=one))
    picture = Figure("n", "T", (Series("runs", "measured", (1.0, 2.0), (one, other), (0.0, 0.0), (1.0, 1.0)),), log_x=True)
    return Outcome("consistent", "drawn", one, other, (other, float("inf")), float("nan"), one, cells, picture)


def logged(name: str, decide):
    def run(setting: Setting) -> Outcome:
        if name in WAITS or next(LEFT, None) is None:
            time.sleep(600)
        outcome = decide(setting)
        if LOG:
            with open(LOG, "a") as file:
                file.write(name + "\n")
        return outcome

    return run


def too_low(setting: Setting) -> Outcome:
    """The mean of ten draws isn't 0: refuted."""
    rng = random.Random(setting.seed)
    return Outcome("refuted", "too low", 0.0, sum(rng.random() for _ in range(10)) / 10)


def suicide(setting: Setting) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def broken(setting: Setting) -> Outcome:
    raise OSError("the disk is full")


DECIDE = {f"drawn-{number}": drawn for number in range(10)}
EXTRA = {"too-low": too_low, "suicide": suicide, "broken": broken}
CHOSEN = {name: EXTRA[name] for name in os.environ.get("VICTIM_EXTRA", "").split()} | DECIDE


def plant() -> None:
    """Put the planted claims in the place of all others, whose import takes a second; not when this file is imported, as
    doctests are looked for here too."""
    every: Any = ModuleType("proofs_check.claims")
    every.PAPERS_WITH_CLAIMS = (
        SimpleNamespace(
            CLAIMS=tuple(
                Claim(name, "drift-revisited", f"statement of {name}", "nobody", "nothing", 0.1, logged(name, decide))
                for name, decide in CHOSEN.items()
            )
        ),
    )
    sys.modules["proofs_check.claims"] = every
    proofs_check.state.digest = lambda places: "the same, whoever edits a source while the tests run"
    registry.ERROR_RATES.update(dict.fromkeys(CHOSEN, 1e-4))


def kill(folder: Path) -> None:
    from proofs_check import check

    def start() -> int:
        global LEFT
        child = os.fork()
        if child:
            return child
        LEFT = iter(range(3))
        report = check(store=folder / "state", progress=False)
        (folder / "report").write_text(str([result.to_dict() | {"seconds": 0} for result in report]))
        os._exit(0)

    def wait(child: int) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    whole = str([result.to_dict() | {"seconds": 0} for result in check(store=folder / "warm", progress=False)])
    rng, statuses = random.Random(1), []
    while 0 not in statuses and len(statuses) < 100:
        child = start()
        time.sleep(rng.uniform(0, 3 * SLEEP * 1.1 ** len(statuses)))
        os.kill(child, signal.SIGKILL)
        statuses.append(wait(child))
    print(json.dumps({"statuses": statuses, "same": (folder / "report").read_text() == whole}))


if __name__ in ("__main__", "__mp_main__"):  # in the workers, too
    plant()
if __name__ == "__main__":
    if sys.argv[1] == "kill":
        kill(Path(sys.argv[2]))
    else:
        from driftproof.cli import main

        sys.exit(main(sys.argv[1:]))
