"""Neural models of eleven papers: each subpackage is one paper (``nets.rtrl`` holds two).

``experiments`` lists what can be trained, ``run`` trains it into a folder, ``load`` brings back the model of such a folder.
Everything is loaded when first used; torch only where something is trained or loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.lazy import lazily

if TYPE_CHECKING:
    from nets.core.config import Config, Hardware
    from nets.core.experiment import Experiment
    from nets.core.load import Loaded, load
    from nets.core.registry import experiment, experiments
    from nets.core.run import Results, run

__all__ = ["Config", "Experiment", "Hardware", "Loaded", "Results", "experiment", "experiments", "load", "run"]

_HOME = {
    "Config": "core.config", "Experiment": "core.experiment", "Hardware": "core.config", "Loaded": "core.load",
    "Results": "core.run", "experiment": "core.registry", "experiments": "core.registry", "load": "core.load", "run": "core.run",
}  # fmt: skip

__getattr__, __dir__ = lazily(__name__, _HOME)
