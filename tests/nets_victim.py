"""What tests kill: ``python nets_victim.py WHAT FOLDER [key=value ...]`` trains, or goes on where there is something.

WHAT is the name of an experiment, whose preset ``smoke`` is changed by the values; or learners of the tests, separated by
commas, one for each stage.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nets_learners import LEARNERS, Settings, stage

from nets.core import launch, registry, run
from nets.core.config import Hardware
from nets.core.loop import train_stage
from nets.core.progress import Silent


def experiment(name, folder, values):
    config = run.preset(registry.experiment(name), "smoke").with_values(values)
    return run.run(name, config, out=folder, resume=True, watch=Silent()).status == "done"


def learners(names, folder, values):
    config = Settings().with_values(values)
    context = launch.context(config, Hardware())
    for name in names.split(","):
        options = {"resume": True, "watch": Silent(), "prefix": f"{name}/"}
        result = train_stage(stage(LEARNERS[name], name), config, context, folder, **options)
        if result.status != "done":
            return False
    return True


if __name__ == "__main__":
    what, folder, *values = sys.argv[1:]
    train = experiment if "." in what else learners
    sys.exit(0 if train(what, Path(folder), dict(value.split("=", 1) for value in values)) else 1)
