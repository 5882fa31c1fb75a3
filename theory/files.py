"""Files that are there whole or not at all, and what lies beside them about the machine.

A file is written under a temporary name in its own folder, brought to the disk and renamed. Whoever is killed meanwhile leaves
at most the temporary file; whoever reads sees the old content or the new one.
"""

from __future__ import annotations

import errno
import importlib.metadata
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

TEMPORARY = ".tmp"


@contextmanager
def whole(path: Path, sync: bool = True) -> Iterator[BinaryIO]:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    sync : bool
        Whether the file is on the disk when the block ends, safe from a loss of power. Waiting for that takes milliseconds.

    Raises
    ------
    OSError
        If it can't be written; then there is no temporary file left, and what was at ``path`` is as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole(Path(folder, "x")) as file:
    ...         _ = file.write(b"all of it")
    ...     print(Path(folder, "x").read_text(), len(list(Path(folder).iterdir())))
    all of it 1
    """
    if not_a_file(path):
        raise OSError(errno.EINVAL, not_a_file(path))
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}{TEMPORARY}")  # two writers never share one
    try:
        with temporary.open("wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def not_a_file(path: Path) -> str:
    """Why what lies at a path must not be replaced by a file; empty if it may be.

    >>> not_a_file(Path("/dev/null")), not_a_file(Path("new.csv"))
    ('it is a device, not a file', '')
    """
    return "it is a device, not a file" if path.exists() and not (path.is_file() or path.is_dir()) else ""


def write_whole(path: Path, content: bytes, sync: bool = True) -> None:
    """Write ``content`` to a file whole or not at all; see :func:`whole`."""
    with whole(path, sync) as file:
        file.write(content)


def sidecar(path: Path) -> Path:
    """The file beside a table that holds what differs between machines.

    >>> sidecar(Path("a/runs.parquet")).name
    'runs.parquet.json'
    """
    return path.with_name(path.name + ".json")


def machine_facts() -> dict[str, Any]:
    """What seconds depend on: the type of processor, the system and the number of cores."""
    return {"machine": platform.machine(), "system": platform.system(), "cores": os.cpu_count()}


@cache
def version_of(package: str) -> str:
    """The installed version of a package, or ``"not installed"``."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
