"""``python nets_command.py FOLDER ARGUMENT ...``: ``driftproof train`` below FOLDER, or ``--resume`` of the run that is there."""

from __future__ import annotations

import sys
from pathlib import Path

from driftproof import cli

if __name__ == "__main__":
    folder, *arguments = sys.argv[1:]
    begun = sorted(path.parent for path in Path(folder).glob("*/run.json"))
    sys.exit(cli.main(["train", *(["--resume", str(begun[0])] if begun else [*arguments, "--out", folder])]))
