"""Where sources are found: the folder of real data sets, installed packages (never imported), the user's cache.

Nothing here or in any loader opens a connection.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

from nets.core.data.record import DataUnavailable
from theory.errors import InputError
from theory.files import write_whole

VARIABLE = "DRIFTPROOF_DATA"


def data_folder(root: str | Path | None) -> Path | None:
    """The folder of real data sets: ``root``, else what the environment variable DRIFTPROOF_DATA says, else none.

    Raises
    ------
    InputError
        If it is named and isn't a folder.
    """
    named = root if root is not None else os.environ.get(VARIABLE) or None
    if named is None:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise InputError(f"data: {str(folder)!r} isn't a folder; name the one that holds the data sets")
    return folder


def in_folder(root: Path | None, name: str, *choices: str) -> Path | None:
    """The first file that exists among ``choices``, in ``root/name`` or in ``root``."""
    if root is None:
        return None
    for folder in (root / name, root):
        for choice in choices:
            if (folder / choice).is_file():
                return folder / choice
    return None


def package_folder(package: str) -> Path | None:
    """The folder of an installed top-level package, found without importing it."""
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else None


def unavailable(name: str, what: str, command: str = "", files: str = "") -> DataUnavailable:
    """The error for a source that isn't there; ``command`` supplies it, or else the user must have the ``files``."""
    put = f"put {files} in a folder and name it with --data (root in Python) or {VARIABLE}"
    return DataUnavailable(f"{name}: {what}; " + (f"get it with: {command}" if command else put))


def cached(key: str, make: Callable[[], bytes]) -> bytes:
    """The content made by ``make``, kept in the user's cache folder.

    Stored with its SHA-256, which is compared on reading: a damaged file is made again. A cache that can't be written is done
    without.

    Parameters
    ----------
    key : str
        A file's name that tells of everything the content depends on.
    make : callable
    """
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(home, "driftproof", "data", key)
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
        if digest == hashlib.sha256(content).hexdigest().encode():
            return content
    except OSError:
        pass  # not made yet
    content = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    except OSError:
        pass  # a read-only home: the content is as good
    return content
