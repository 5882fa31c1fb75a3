"""What tests kill: ``python nets_victim.py LEARNERS FOLDER [key=value ...]`` trains, or goes on where there is something.

LEARNERS are those of the tests, separated by commas, one for each stage.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nets_learners import LEARNERS, Settings, stage

from nets.core import launch
from nets.core.config import Hardware
from nets.core.loop import train_stage
from nets.core.progress import Silent


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
    names, folder, *values = sys.argv[1:]
    sys.exit(0 if learners(names, Path(folder), dict(value.split("=", 1) for value in values)) else 1)
