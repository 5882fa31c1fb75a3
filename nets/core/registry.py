"""Which experiments there are: an explicit list of the modules that define them. No torch here, nor in those modules.

Such a module has a tuple ``EXPERIMENTS``; what trains is imported by a stage when it is made.
"""

from __future__ import annotations

import importlib

from nets.core.experiment import Experiment
from theory.errors import InputError, nearest

MODULES: tuple[str, ...] = ("nets.rtrl.experiments",)


def experiments() -> tuple[Experiment, ...]:
    """All experiments, in the order of the papers.

    >>> [e.name for e in experiments() if len(e.presets) < 3]
    []
    """
    return tuple(e for module in MODULES for e in importlib.import_module(module).EXPERIMENTS)


def experiment(name: str) -> Experiment:
    """The experiment of this name, ``"<slug>.<name>"``; case and underscores don't matter.

    Raises
    ------
    InputError
        If there is none.
    """
    known = {e.name: e for e in experiments()}
    found = known.get(name.strip().lower().replace("_", "-"))
    if found is None:
        raise InputError(f"experiment: unknown name {name[:60]!r}; {nearest(name, known) if known else 'there are none'}")
    return found
