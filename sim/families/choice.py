"""What a family of algorithms answers when an engine is asked whether it can run a process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.observe import Observe
from sim.starts import Start
from theory.process import Process
from theory.values import Number

KERNELS = Path(__file__).parent.parent / "kernels"


@dataclass(frozen=True)
class Choice:
    """One engine's answer to one process: a template, or the reason why there is none."""

    template: Path | None
    reason: str = ""


Chooser = Callable[[str, Process, Start, dict[str, Number], Observe | None], Choice]
"""``choose(engine, process, start, values, observe)``: values are those of n and c, or empty."""


def template(name: str) -> Choice:
    """The template ``sim/kernels/<name>.py``.

    >>> template("sparse").template.name
    'sparse.py'
    """
    return Choice(KERNELS / f"{name}.py")


def refuse(reason: str) -> Choice:
    """No template, because of this."""
    return Choice(None, reason)
