"""The store of a sweep: finished cells on the disk, known by their keys alone.

::

    results/sweep.json                  which plan it is: its hash, its cells in words, versions
    results/lock                        held by the sweep that works here; free as soon as that process is gone, however it went
    results/cells/<key>.parquet         a finished cell
    results/cells/<key>.parquet.json    its sidecar: plan, cell, seconds, machine, versions, and the digest of the table
    results/table.parquet               all cells, when the sweep is done

Every file is written whole or not at all, the sidecar before its table. A cell is finished if its table has the digest that its
sidecar names: whatever else lies in its place (a truncated or foreign file, one half of a pair) is not believed but set aside
under another name, and the cell is run again. So the worst that a kill can do is to lose the cells in flight; and since a cell's
content depends on nothing but its description, two sweeps that both run it (where a file system has no locks) write the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.sweeps.difference import first_difference
from theory.errors import InputError
from theory.files import TEMPORARY, sidecar, write_whole

try:
    import fcntl
except ImportError:  # a system without flock: nothing tells two sweeps apart, and they write the same
    fcntl = None  # type: ignore[assignment]

SCHEMA = 1  # of the store: raise it when an older version could not read it any more
_FORMAT = "driftproof sweep"
_HEAD, _LOCK, _CELLS, TABLE = "sweep.json", "lock", "cells", "table.parquet"


class Store:
    """A folder of finished cells. Made by :func:`opened`.

    Attributes
    ----------
    folder : Path
    damaged : list of str
        Names of files that were not what they should be and were set aside.
    """

    def __init__(self, folder: Path, plan: str) -> None:
        self.folder, self.plan = folder, plan
        self.damaged: list[str] = []

    def path(self, key: str) -> Path:
        """Where the table of a cell is."""
        return cell_path(self.folder, key)

    def facts(self, key: str) -> dict[str, Any]:
        """The sidecar of a cell; empty if there is none that can be read."""
        return _json(sidecar(self.path(key))) or {}

    def seconds(self, key: str) -> float:
        """What a finished cell took, as its sidecar says; 0 where that can't be read."""
        try:
            return float(self.facts(key)["seconds"])
        except (KeyError, TypeError, ValueError):
            return 0.0

    def done(self, key: str) -> bool:
        """Whether a cell is finished; a file in its place that isn't its table is set aside."""
        path, facts = self.path(key), self.facts(key)
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError:
            return False
        except OSError:  # a folder, a bad block
            digest = ""
        if facts.get("key") == key and facts.get("sha256") == digest:
            return True
        self._set_aside(path)
        return False

    def put(self, key: str, content: bytes, facts: Mapping[str, Any]) -> None:
        """Keep a finished cell.

        Raises
        ------
        InputError
            If the disk is full or can't be written.
        """
        digest = hashlib.sha256(content).hexdigest()
        # if the power goes, the sidecar may be lost: then its table isn't believed, and nothing worse happens
        self._write(sidecar(self.path(key)), {**facts, "sha256": digest}, key, sync=False)
        self._write(self.path(key), content, key)

    def put_failure(self, key: str, reason: str, facts: Mapping[str, Any]) -> None:
        """Keep the reason why a cell has no table; the next sweep tries it again."""
        self._write(sidecar(self.path(key)), {**facts, "failed": reason}, key)

    def _write(self, path: Path, content: bytes | dict[str, Any], key: str, sync: bool = True) -> None:
        if isinstance(content, dict):
            content = json.dumps({"key": key, "plan": self.plan, **content}, indent=1).encode()
        with writing(self.folder):
            if path.is_dir():
                self._set_aside(path)
            write_whole(path, content, sync)

    def _set_aside(self, path: Path) -> None:
        names = (path.with_name(f"{path.name}.damaged{i or ''}") for i in range(10**6))
        with writing(self.folder):
            os.rename(path, next(name for name in names if not name.exists()))
        self.damaged.append(path.name)


def cell_path(folder: Path, key: str) -> Path:
    """Where the table of a cell is."""
    return folder / _CELLS / f"{key}.parquet"


@contextmanager
def opened(folder: str | os.PathLike, plan: str, cells: Mapping[str, Any], versions: Mapping[str, Any]) -> Iterator[Store]:
    """Open a store for a plan, or begin one; nobody else works on it inside the block.

    Parameters
    ----------
    folder : path
        A new or empty folder, or a store.
    plan : str
        The plan's hash.
    cells : dict
        Key to label and description of each cell, for readers of the store and to say in what another plan differs.
    versions : dict
        With which it is begun.

    Raises
    ------
    InputError
        If the folder holds something else, was begun with another plan or by a newer version, if another sweep works on it,
        or if it can't be written.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise InputError(f"store: {folder} is a file; name a folder")
    _refuse_other_folders(path)
    with writing(path):
        (path / _CELLS).mkdir(parents=True, exist_ok=True)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if _locked(lock, path):
            for rest in [*path.glob(f".*{TEMPORARY}"), *(path / _CELLS).glob(f".*{TEMPORARY}")]:  # of sweeps that were killed
                with suppress(OSError):
                    rest.unlink()
        yield _begin(path, plan, cells, versions)
    finally:
        os.close(lock)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What goes wrong with the disk in this block is said in one line."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"store: {folder} can't be written: {why}; what is finished is kept, start again later") from None


def _refuse_other_folders(path: Path) -> None:
    """A folder that is neither empty nor a store is somebody's own."""
    try:
        names = set(os.listdir(path))
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"store: can't read {path}: {error.strerror or error}") from None
    others = sorted(name for name in names - {_LOCK, _CELLS, TABLE} if not name.endswith(TEMPORARY))
    if others and not any(name.startswith(_HEAD) for name in others):
        raise InputError(f"store: {path} holds other files ({others[0]}) and is no store; name a new or empty folder")


def _locked(lock: int, path: Path) -> bool:
    """Take the lock; False on a file system that has none."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(f"store: another sweep works on {path}; wait for it, or give this one a store of its own") from None
    except OSError:
        return False
    return True


def _begin(path: Path, plan: str, cells: Mapping[str, Any], versions: Mapping[str, Any]) -> Store:
    """Check the head of a store against the plan; write it where there is none that can be read."""
    store, head = Store(path, plan), path / _HEAD
    found = _json(head)
    if found is None or not {"format", "schema", "plan"} <= set(found):
        if head.exists():
            store._set_aside(head)
        content = {"format": _FORMAT, "schema": SCHEMA, "plan": plan, "versions": dict(versions), "cells": dict(cells)}
        with writing(path):
            write_whole(head, json.dumps(content, indent=1).encode())
        return store
    if found["format"] != _FORMAT:
        raise InputError(f"store: {path} is not of a sweep but of {found['format']!r:.60}; name a new or empty folder")
    if found["schema"] != SCHEMA:
        raise InputError(
            f"store: {path} was written by a newer version (schema {found['schema']}, this one reads {SCHEMA}); update driftproof"
        )
    if found["plan"] != plan:
        begun = found.get("versions")
        why = "" if begun == dict(versions) else f" (it was begun with {_text(begun)}, this is {_text(versions)})"
        before = found.get("cells")
        differs = first_difference(before if isinstance(before, dict) else {}, cells)
        raise InputError(
            f"store: {path} was begun with plan {found['plan']}, this plan is {plan}{why}: {differs}; give it a store of its own"
        )
    return store


def _text(versions: Any) -> str:
    if not isinstance(versions, Mapping):
        return "unknown versions"
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file, or None if there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
