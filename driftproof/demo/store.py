"""Finished cells, kept as Parquet files: a demo that was killed goes on where it was.

A file's name is a digest of everything that the result depends on, the sources included; it is written under a temporary
name and renamed, so that a file is complete or isn't there.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from driftproof.demo.plan import Cell

SOURCES = ("theory", "sim", "proofs_check", "driftproof/data", "driftproof/demo/plan.py")


def get(folder: Path, cell: Cell) -> pd.DataFrame | None:
    """The rows of a finished cell, or None."""
    import pandas as pd

    path = _path(folder, cell)
    if not path.exists():
        return None
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError):  # not ours, or damaged: computed again
        return None


def put(folder: Path, cell: Cell) -> pd.DataFrame:
    """Compute a cell and keep its rows."""
    import pandas as pd

    table = pd.DataFrame(cell.compare())
    path = _path(folder, cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        table.to_parquet(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return table


def _path(folder: Path, cell: Cell) -> Path:
    from proofs_check.state import digest

    name = hashlib.sha256(f"{cell!r} {digest(SOURCES)}".encode()).hexdigest()[:24]
    return folder / "cells" / f"{name}.parquet"
