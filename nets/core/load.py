"""load: the model of a finished run, with its config and vocabulary."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nets.core import folder as folders
from nets.core import registry
from nets.core.config import Config
from theory.arguments import plain_arguments
from theory.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from nets.core.experiment import Experiment


@dataclass(frozen=True)
class Loaded:
    """A model and what belongs to it.

    Attributes
    ----------
    model : nn.Module
        In evaluation mode, on the CPU.
    config : Config
    vocabulary : object
        What the run stored under this name, e.g. the symbols of a text; None where there is none.
    experiment : Experiment
    """

    model: nn.Module
    config: Config
    vocabulary: Any
    experiment: Experiment


@plain_arguments
def load(run_dir: str | os.PathLike, which: Literal["last", "best"] = "last", experiment: Experiment | None = None) -> Loaded:
    """Load the model of a run's last stage.

    Parameters
    ----------
    run_dir : path
        Its folder; the run may still be going on, or have been interrupted.
    which : str
        ``"last"``: as the newest checkpoint has it; ``"best"``: where the evaluation was best.
    experiment : Experiment, optional
        The run's, if it is one of your own, which :func:`nets.experiments` doesn't list.

    Raises
    ------
    InputError
        If there is no such run, or no such checkpoint in it, or it is a run of another experiment.
    """
    if which not in ("last", "best"):
        raise InputError(f"which: {which!r} must be 'last' or 'best'")
    found = folders.existing(run_dir)
    if experiment is None:
        experiment = registry.experiment(found.head["experiment"])
    elif experiment.name != found.head["experiment"]:
        raise InputError(
            f"experiment: {found.path} is a run of {found.head['experiment']}, not of {experiment.name}; give that one"
        )
    config = folders.config_of(found, experiment)
    vocabulary = found.head["facts"].get("vocabulary")
    from nets.core import checkpoint, launch

    home = found.path / experiment.stages[-1].name
    state = checkpoint.read(home / checkpoint.BEST) if which == "best" else checkpoint.newest(home)[0]
    if state is None:
        raise InputError(f"run: {found.path} has no checkpoint of its last stage yet; go on with it (--resume {found.path})")
    with launch.default_dtype(config.precision):
        model = experiment.model(config, vocabulary)
    model.load_state_dict(state["model"])
    return Loaded(model.eval(), config, vocabulary, experiment)
