"""The user's own algorithm: its step is run as it stands."""

from __future__ import annotations

from sim.families.choice import Choice, refuse, template
from sim.observe import Observe
from sim.starts import Start
from theory.process import Process
from theory.values import Number


def choose(engine: str, process: Process, start: Start, values: dict[str, Number], observe: Observe | None) -> Choice:
    """The template with which an engine runs a process, or the reason why it can't."""
    if engine != "reference":
        return refuse("nothing is known of the user's step, so that it must be called for every candidate")
    return template("ask_tell")
