"""Writing the folders of IOHprofiler, which IOHanalyzer draws; :mod:`sim.iohprofiler_reader` reads them.

C. Doerr, H. Wang, F. Ye, S. van Rijn, T. Bäck, *IOHprofiler: a benchmarking and profiling tool for iterative optimization
heuristics*, arXiv 1810.05281. Written is the second version of its format, that of the logger in ``ioh``:

    IOHprofiler_f1_OneMax.json                   what was run, and for each run its evaluations and its best value
    data_f1_OneMax/IOHprofiler_f1_DIM100.dat     for each run a line of column names, then rows (evaluations, raw_y)

* IOHprofiler counts the evaluations of the start, T does not: with one starting point, a run that finds the optimum with its
  T-th offspring ends at evaluation T + 1.
* A run knows when it reached each observed target. Its rows say so: at that evaluation the value was at least that target.
  With every value of the function as a target the rows are those of a logger that records improvements. The last row is the
  last evaluation of the run, without which the expected runtimes of censored runs would come out too small.
* IOHanalyzer takes a run's smallest recorded value for what it had before its first row. So each run begins with a row at
  evaluation 1: the largest target that the start has, or else the smallest value of the function. (Of a start of several points
  it is known only at its last evaluation how good it was.)
* IOHanalyzer chooses the version of the format by the ``version`` of ``ioh`` in the file: at least 0.3.3 means the second.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.pbo import identity_of
from sim.runs_file import settings
from theory import registry
from theory.chain import Chain
from theory.errors import InputError
from theory.files import version_of
from theory.process import Process

if TYPE_CHECKING:
    from sim.runs import Runs

FORMAT = "0.4.2"
"""The version of ``ioh`` whose files these are like."""
ATTRIBUTE = "driftproof"
"""Name of the experiment attribute that holds what our reader needs beyond the format, as JSON."""
SCHEMA = 1  # of that attribute
_LARGEST_POINT = 10**7  # bits of an optimum whose fitness is computed


def export(runs: Runs, folder: str | os.PathLike) -> None:
    """Write runs as :meth:`sim.Runs.export_iohprofiler` says."""
    target = _check_folder(folder)
    start, end, uncounted = _ends(runs)
    n = int(runs.values["n"])
    algorithm, _, problem = str(runs.process).partition(" on ")
    identity, name, suite = identity_of(problem, n)
    label = re.sub(r"[^A-Za-z0-9]+", "_", name.partition("(")[0]).strip("_") or "function"
    path = f"data_f{identity}_{label}/IOHprofiler_f{identity}_DIM{n}.dat"
    values = [f"{key}={value}" for key, value in runs.values.items() if key != "n"]
    shown = [algorithm, *values, *([] if runs.start == "uniform" else [f"start={runs.start}"])]
    blocks, entries = [], []
    for at, best in _histories(runs, start, end, uncounted):
        blocks.append("\n".join(["evaluations raw_y", *(f"{t} {_digits(v)}" for t, v in zip(at, best))]))
        found = at[int(np.searchsorted(best, best[-1]))]
        entries.append({"instance": 1, "evals": at[-1], "best": {"evals": found, "y": best[-1], "x": []}})
    generations = runs.generations.tolist() if (runs.generations != runs.evaluations).any() else []
    for entry, value in zip(entries, generations):
        entry["generations"] = value
    document = {
        "version": FORMAT,
        "suite": suite,
        "function_id": identity,
        "function_name": name,
        "maximization": True,
        "algorithm": {"name": ", ".join(shown), "info": f"driftproof {version_of('driftproof')}, engine {runs.engine}"},
        "experiment_attributes": [{ATTRIBUTE: json.dumps(_facts(runs, end, uncounted))}],
        **({"run_attributes": ["generations"]} if generations else {}),
        "attributes": ["evaluations", "raw_y"],
        "scenarios": [{"dimension": n, "path": path, "runs": entries}],
    }
    files = {path: "\n".join(blocks) + "\n", f"IOHprofiler_f{identity}_{label}.json": json.dumps(document, indent=1) + "\n"}
    _write_folder(target, files)


def _facts(runs: Runs, end: float, uncounted: int) -> dict[str, Any]:
    """What our reader needs to make the same runs again."""
    return {
        "schema": SCHEMA,
        "process": str(runs.process),
        **settings(runs),
        "end": end,
        "uncounted": uncounted,
    }


def _check_folder(folder: str | os.PathLike) -> Path:
    target = Path(folder)
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise InputError(f"folder: {folder} must be new or empty; IOHanalyzer reads folders within folders, so give each its own")
    if not target.absolute().parent.is_dir():
        raise InputError(f"folder: {folder} can't be written: there is no folder {target.absolute().parent}")
    return target


def _ends(runs: Runs) -> tuple[float | None, float, int]:
    """The smallest fitness of the problem (None where unknown), the fitness at which runs end, the evaluations of a start."""
    if isinstance(runs.process, Chain) or " on " not in str(runs.process):
        raise InputError(f"process: {runs.process} is a chain; IOHprofiler holds functions on bit strings")
    n, process, uncounted = int(runs.values["n"]), runs.process, 1
    if isinstance(process, str):  # runs from a file; functions, weights and algorithms of the user can't be made from their text
        name, _, function = process.partition(" on ")
        with contextlib.suppress(InputError):
            algorithm = registry.algorithm(name)
            uncounted = algorithm.uncounted(dict(runs.values))
            process = Process(algorithm, registry.problem(function))
    if isinstance(process, Process):
        low = process.problem.value_range(n)[0]
        return (low if math.isfinite(low) else None), _end(process.problem, n), process.algorithm.uncounted(dict(runs.values))
    targets, hits = runs.observed.get("targets", ()), runs.observed.get("hits", np.zeros((len(runs), 0), np.int64))
    if len(targets) and runs.hit.any() and (hits[runs.hit, -1] == runs.evaluations[runs.hit]).all():
        return None, float(targets[-1]), uncounted
    raise InputError(
        f"process: {process} can't be made from its text; export the runs that simulate returned, not those of a file"
    )


def _end(problem: Any, n: int) -> float:
    if problem.user or "optimal" in problem.hooks:
        return float(problem.target(n))
    largest = problem.value_range(n)[1]
    if math.isinf(largest):
        raise InputError(f"process: points have no fitness of their own on {problem}; IOHprofiler holds fixed functions")
    if n > _LARGEST_POINT:
        return largest
    try:
        return float(problem.value(np.ones(n, np.uint8)))
    except OverflowError:
        raise InputError(f"n: the fitness of {problem} doesn't fit a float at n = {n}, as IOHprofiler needs it") from None


def _histories(runs: Runs, start: float | None, end: float, uncounted: int) -> Iterator[tuple[list[int], list[float]]]:
    """For each run the evaluations at which it is known to have reached a larger value, its last evaluation, and these values."""
    targets = np.asarray(runs.observed.get("targets", ()), dtype=np.float64)
    hits = runs.observed.get("hits", np.zeros((len(runs), 0), np.int64))
    first = 0 if uncounted else 1  # the smallest T
    for replicate in range(len(runs)):
        reached = hits[replicate] >= 0
        known = {} if start is None else {1: start}
        # of several targets at one evaluation the largest stays
        known.update(zip((hits[replicate, reached] + uncounted).tolist(), targets[reached].tolist()))
        last = int(runs.evaluations[replicate]) + uncounted
        if runs.hit[replicate]:
            known[last] = end
        if start is None and first + uncounted not in known:
            raise InputError(
                f"observe: nothing is known of the start of replicate {replicate}; observe a target that every start has"
            )
        at = sorted(known)
        best = np.maximum.accumulate([known[t] for t in at]).tolist()
        if at[-1] < last:
            at, best = [*at, last], [*best, best[-1]]
        yield at, best


def _digits(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)


def _write_folder(target: Path, files: dict[str, str]) -> None:
    """Write all files or none: into a folder beside the target, which takes its place."""
    temporary = target.absolute().parent / f".{target.name}.{os.getpid()}.tmp"
    try:
        for name, content in files.items():
            (temporary / name).parent.mkdir(parents=True, exist_ok=True)
            (temporary / name).write_text(content, encoding="utf-8")
        os.replace(temporary, target)
    except OSError as error:
        raise InputError(f"folder: {target} can't be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
