"""``python nets_victim.py LEARNER FOLDER [key=value ...]`` trains a learner of the tests, going on where it was."""

from __future__ import annotations

import sys
from pathlib import Path

from nets_learners import LEARNERS, Settings, stage

from nets.core import launch
from nets.core.config import Hardware
from nets.core.loop import train_stage
from nets.core.progress import Silent

if __name__ == "__main__":
    name, folder, *values = sys.argv[1:]
    config = Settings().with_values(dict(value.split("=", 1) for value in values))
    context = launch.context(config, Hardware())
    result = train_stage(stage(LEARNERS[name]), config, context, Path(folder), resume=True, watch=Silent())
    sys.exit(0 if result.status == "done" else 1)
