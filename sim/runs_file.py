"""The file of runs: one Parquet table with everything that two runs of the same command have in common.

What differs between machines (seconds, the machine) lies beside it in ``<path>.json``. Both are written under a temporary name
and renamed: a file is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.kernels import codes
from theory.chain import Chain
from theory.errors import InputError
from theory.files import machine_facts, not_a_file, sidecar, version_of, write_whole
from theory.process import Process

if TYPE_CHECKING:
    import pyarrow

    from sim.runs import Runs

SCHEMA = 2  # of the files: raise it when their columns or their metadata change
_KEY = b"driftproof"  # under which the metadata lie in the Parquet schema
_OTHER_FORMATS = {".csv", ".tsv", ".txt", ".json", ".xlsx", ".feather", ".pkl", ".h5"}


def save(runs: Runs, path: str | os.PathLike) -> None:
    """Write the table and what lies beside it: :meth:`sim.Runs.save`."""
    target = check_writable(path)
    content = parquet_bytes(to_arrow(runs))
    try:
        write_whole(sidecar(target), json.dumps({"seconds": runs.seconds, **machine_facts()}, indent=1).encode())
        write_whole(target, content)  # last: where there is a table, all of it is there
    except OSError as error:
        raise InputError(f"out: {path} can't be written: {error.strerror or error}") from None


def load(kind: type[Runs], path: str | os.PathLike) -> Runs:
    """Read what :func:`save` wrote, as runs of this class: :meth:`sim.Runs.load`."""
    import pyarrow
    import pyarrow.parquet

    source = Path(path)
    if not source.is_file():
        raise InputError(f"path: {path} is not a file")
    try:
        table = pyarrow.parquet.read_table(source, partitioning=None)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"path: {path} is damaged or is not a Parquet file: {str(error).splitlines()[0]}") from None
    try:
        data = json.loads((table.schema.metadata or {})[_KEY])
        schema = data["schema"]
    except (KeyError, TypeError, ValueError):
        raise InputError(f"path: {path} was not written by Runs.save") from None
    if schema != SCHEMA:
        raise InputError(f"path: {path} has schema {schema}; this version reads {SCHEMA}")
    try:
        return _runs_of(kind, table, data, _seconds(source))
    except (KeyError, TypeError, ValueError, pyarrow.ArrowException) as error:
        raise InputError(f"path: {path} lacks {error}; it is damaged or was changed") from None


def check_writable(path: str | os.PathLike, argument: str = "out") -> Path:
    """Check before a run that its file can be written afterwards.

    Raises
    ------
    InputError
        Naming the path.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(f"{argument}: {path} is a folder; name a file")
    if target.suffix.lower() in _OTHER_FORMATS:
        raise InputError(f"{argument}: {path} would hold Parquet, not {target.suffix[1:]}; name it {target.stem}.parquet")
    if not_a_file(target):
        raise InputError(f"{argument}: {path} can't be written: {not_a_file(target)}")
    folder = target.parent
    if not folder.is_dir():
        raise InputError(f"{argument}: {path} can't be written: there is no folder {folder}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{argument}: {path} can't be written: {error.strerror or error}") from None
    return target


# ---- the table


def to_arrow(runs: Runs) -> pyarrow.Table:
    """The table with its metadata: :meth:`sim.Runs.to_arrow`."""
    import pyarrow

    hits = {name: pyarrow.array(column, mask=column < 0) for name, column in hitting_times(runs).items()}
    table = pyarrow.table({**columns(runs), **hits, **trajectories(runs), **_drift(runs)})
    return table.replace_schema_metadata({_KEY: json.dumps(_metadata(runs)).encode()})


def parquet_bytes(table: pyarrow.Table) -> bytes:
    """A table as the content of a Parquet file; the same table gives the same bytes."""
    import pyarrow
    import pyarrow.parquet

    buffer = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue().to_pybytes()


def columns(runs: Runs) -> dict[str, Any]:
    """Columns that every table has, without those of what was observed."""
    rows = len(runs)
    if isinstance(runs.process, Process):
        algorithm, problem = runs.process.algorithm.key, runs.process.problem.key
    elif isinstance(runs.process, Chain):
        algorithm, problem = "Chain", runs.process.key
    else:
        algorithm, _, problem = runs.process.partition(" on ")
        algorithm, problem = (algorithm, problem) if problem else ("Chain", algorithm)
    found: dict[str, Any] = {
        "algorithm": [algorithm] * rows,
        "problem": [problem] * rows,
        "engine": [runs.engine] * rows,
        "start": [str(runs.start)] * rows,
        "seed": np.full(rows, -1 if runs.seed is None else runs.seed, np.int64),
        "replicate": np.arange(rows, dtype=np.int64),
        "evaluations": runs.evaluations,
        "generations": runs.generations,
        "hit": runs.hit,
        "budget": np.full(rows, -1 if runs.budget is None else runs.budget, np.int64),
    }
    for name, value in runs.values.items():
        found[name] = np.full(rows, value, np.int64) if name == "n" else np.full(rows, float(value))
    return found


def hitting_times(runs: Runs) -> dict[str, np.ndarray]:
    """Columns of hitting times, -1 for not hit."""
    targets = runs.observed.get("targets", ())
    return {_target_name(v): np.ascontiguousarray(runs.observed["hits"][:, j], np.int64) for j, v in enumerate(targets)}


def trajectories(runs: Runs) -> dict[str, np.ndarray]:
    """Columns of potentials, NaN beyond the budget."""
    return {
        f"{name}_at_{t}": np.ascontiguousarray(values[:, i])
        for name, values in runs.observed.get("potentials", {}).items()
        for i, t in enumerate(runs.observed["at"])
    }


def _drift(runs: Runs) -> dict[str, Any]:
    """Columns of lists, an entry for each state: rounds spent there, and by how much potentials fell from there."""
    if "rounds" not in runs.observed:
        return {}
    moved = {f"decrease_of_{name}": list(values) for name, values in runs.observed["moved"].items()}
    return {"rounds_by_state": list(runs.observed["rounds"]), **moved}


def settings(runs: Runs) -> dict[str, Any]:
    """How runs of a process were made, in what JSON can hold; the same in all our formats."""
    return {
        "values": {name: str(value) if isinstance(value, Fraction) else value for name, value in runs.values.items()},
        "seed": runs.seed,
        "start": runs.start,
        "engine": runs.engine,
        "budget": runs.budget,
        "targets": [float(v) for v in runs.observed.get("targets", ())],
    }


def _metadata(runs: Runs) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "process": runs.process if isinstance(runs.process, str) else runs.process.key,
        **settings(runs),
        "at": [int(t) for t in runs.observed.get("at", ())],
        "potentials": list(runs.observed.get("potentials", {})),
        "given": runs.observed.get("given"),
        "drift": list(runs.observed.get("moved", {})),
        "versions": {
            "driftproof": version_of("driftproof"),
            "kernels": int(codes.VERSION),
            "numba": version_of("numba"),
            "numpy": version_of("numpy"),
            "python": platform.python_version(),
        },
    }


def _runs_of(kind: type[Runs], table: pyarrow.Table, data: dict[str, Any], seconds: float | None) -> Runs:
    def column(name: str) -> np.ndarray:
        return table.column(name).to_numpy()

    evaluations = column("evaluations").astype(np.int64)
    observed: dict[str, Any] = {}
    if data["targets"] or data["at"] or data["drift"]:
        at = np.array(data["at"], dtype=np.int64)
        hits = [table.column(_target_name(v)).fill_null(-1).to_numpy().astype(np.int64) for v in data["targets"]]
        potentials = {name: np.column_stack([column(f"{name}_at_{t}") for t in at]) for name in data["potentials"]}
        observed = {
            "targets": np.array(data["targets"], dtype=np.float64),
            "hits": np.column_stack(hits) if hits else np.zeros((len(evaluations), 0), np.int64),
            "at": at,
            "potentials": potentials,
        }
    if data["drift"]:
        moved = {name: np.array(table.column(f"decrease_of_{name}").to_pylist()) for name in data["drift"]}
        rounds = np.array(table.column("rounds_by_state").to_pylist())
        observed |= {"given": data["given"], "rounds": rounds, "moved": moved}
    return kind(
        process=data["process"],
        values={name: Fraction(value) if isinstance(value, str) else value for name, value in data["values"].items()},
        seed=data["seed"],
        start=data["start"],
        engine=data["engine"],
        budget=data["budget"],
        evaluations=evaluations,
        hit=column("hit").astype(bool),
        seconds=seconds,
        observed=observed,
        generations=column("generations").astype(np.int64),
    )


def _seconds(path: Path) -> float | None:
    try:
        return float(json.loads(sidecar(path).read_text(encoding="utf-8"))["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _target_name(value: float) -> str:
    return f"evaluations_to_{float(value):.15g}"
