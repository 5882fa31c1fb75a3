"""``python nets_victim.py LEARNER,... FOLDER [key=value ...]`` trains a stage with each learner of the tests, or goes on."""

from __future__ import annotations

import sys
from pathlib import Path

from nets_learners import LEARNERS, Settings, stage

from nets.core import launch
from nets.core.config import Hardware
from nets.core.loop import train_stage
from nets.core.progress import Silent

if __name__ == "__main__":
    names, folder, *values = sys.argv[1:]
    config = Settings().with_values(dict(value.split("=", 1) for value in values))
    context = launch.context(config, Hardware())
    for name in names.split(","):
        options = {"resume": True, "watch": Silent(), "prefix": f"{name}/"}
        result = train_stage(stage(LEARNERS[name], name), config, context, Path(folder), **options)
        if result.status != "done":
            sys.exit(1)
