"""Neural models of eleven papers: each subpackage is one paper (``nets.rtrl`` holds two).

``experiments`` lists what can be trained, ``run`` trains it into a folder, ``load`` brings back the model of such a folder.
Everything is loaded when first used; torch only where something is trained or loaded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nets.core.config import Config, Hardware
    from nets.core.experiment import Experiment
    from nets.core.load import Loaded, load
    from nets.core.registry import experiment, experiments
    from nets.core.run import Results, run

__all__ = ["Config", "Experiment", "Hardware", "Loaded", "Results", "experiment", "experiments", "load", "run"]

_HOME = {
    "Config": "config", "Experiment": "experiment", "Hardware": "config", "Loaded": "load", "Results": "run",
    "experiment": "registry", "experiments": "registry", "load": "load", "run": "run",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"nets.core.{_HOME[name]}"), name)
    raise AttributeError(f"module 'nets' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*globals(), *_HOME]
