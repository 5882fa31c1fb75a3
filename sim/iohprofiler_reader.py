"""Reading the folders of IOHprofiler: those of the logger in ``ioh`` (both versions of the format) and our own.

Sources and the second version of the format: :mod:`sim.iohprofiler`. The first has ``.info`` files, three lines a dimension:

    suite = "PBO", funcId = 1, funcName = "OneMax", DIM = 100, maximization = "T", algId = "RLS"
    %
    data_f1_OneMax/IOHprofiler_f1_DIM100.dat, 1:450|100, 1:512|100        (instance:evaluations|best value, a run each)

and ``.dat`` files whose runs begin with the names "function evaluation" and "best-so-far f(x)" in double quotes. Some loggers of
the first version leave out the last evaluation of a run, others write the evaluation that found the best value in place of the
number of evaluations: a run has the larger of the two counts.

``raw_y`` is the value of the evaluated point, not the best so far; the last row of a run is its last evaluation, often worse.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from sim.iohprofiler import ATTRIBUTE, SCHEMA
from sim.pbo import LARGEST
from sim.runs import Runs
from theory.arguments import plain_arguments
from theory.errors import InputError, nearest
from theory.values import number

MOST_HITS = 10**8
"""Entries of the table of hitting times (runs times targets) beyond which targets must be chosen."""
_EVALUATIONS = ("evaluations", "function evaluation")
_VALUES = ("raw_y", "best-so-far f(x)", "current f(x)")


@dataclass
class _Entry:
    """What an index file says of one run."""

    instance: int
    evaluations: int
    best: float
    generations: int | None = None


@dataclass
class _Run:
    """Evaluations with a record, and the best values so far."""

    evaluations: np.ndarray
    best: np.ndarray
    last: int
    generations: int | None


@dataclass
class _Scenario:
    """The runs of one algorithm on one function and dimension that one file of data holds."""

    index: Path
    algorithm: str
    function: str
    dimension: int
    data: Path
    entries: list[_Entry]
    complete: bool  # the data hold the last evaluation of each run
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple:
        return (self.algorithm, self.function, self.dimension, *sorted(self.attributes.items()))


@plain_arguments
def from_iohprofiler(
    folder: str | os.PathLike,
    *,
    optimum: float | Callable[[str, int], float] | None = None,
    targets: Iterable[float] | None = None,
    instances: Collection[int] | None = None,
) -> list[Runs]:
    """Read what IOHprofiler's loggers or :meth:`Runs.export_iohprofiler` wrote, with the folders inside.

    Parameters
    ----------
    folder : path
    optimum : number or function (name, n), optional
        The fitness at which a run is done. Needed for functions whose largest value isn't known here.
    targets : sequence of numbers, optional
        Fitness values whose hitting times are wanted. Default: those that were observed, for folders of ours; every best value
        in the data for others.
    instances : collection of int, optional
        Only runs on these instances of the functions. Default: all, in one.

    Returns
    -------
    list of Runs
        One for each algorithm, function, dimension and set of experiment attributes. T doesn't count the initial evaluation.
        Of folders of ours all is restored but trajectories, drift and the seconds. Of others ``seed`` is None, ``start`` and
        ``engine`` are "unknown" and "ioh", and the budget is that of the runs that were cut off, None where these differ or
        where there is none.

    Raises
    ------
    InputError
        Naming the file that is damaged, truncated or doesn't belong there, or the function whose optimum isn't known.

    Notes
    -----
    A hitting time is that of the first record with the value: exact if the logger records improvements, as it does by default.

    Examples
    --------
    >>> import tempfile
    >>> from sim import simulate
    >>> from theory import RLS, LeadingOnes
    >>> runs = simulate(RLS().on(LeadingOnes()), n=10, replicates=5, seed=1, observe={"targets": range(11)})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     runs.export_iohprofiler(folder)
    ...     (read,) = from_iohprofiler(folder)
    >>> bool((read.observed["hits"] == runs.observed["hits"]).all())
    True
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f"folder: {folder} is not a folder")
    wanted = None if targets is None else sorted({float(number(v, "targets")) for v in targets})
    indices = sorted(p for p in root.rglob("IOHprofiler_*") if p.suffix in (".json", ".info"))
    if not indices:
        raise InputError(f"folder: {folder} has no IOHprofiler_*.json or IOHprofiler_*.info in it; name the folder of a logger")
    scenarios = [s for index in indices for s in (_json_index(index) if index.suffix == ".json" else _info_index(index))]
    named = [s.data.resolve() for s in scenarios]
    for data in sorted(root.rglob("IOHprofiler_*.dat")):
        if named.count(data.resolve()) != 1:
            how = (
                "in no .json or .info file: was the logger closed, and taken off each problem before the next?"
                if data.resolve() not in named
                else "twice"
            )
            raise InputError(f"folder: {data} is named {how}")
    groups: dict[tuple, list[tuple[_Scenario, _Run]]] = {}
    ours: dict[tuple, Path] = {}
    for scenario in scenarios:
        if ATTRIBUTE in scenario.attributes and ours.setdefault(scenario.key, scenario.data) != scenario.data:
            raise InputError(f"folder: {scenario.data} and {ours[scenario.key]} hold the same runs (one seed); remove one")
        for entry, run in zip(scenario.entries, _read_runs(scenario), strict=True):
            if instances is None or entry.instance in instances:
                groups.setdefault(scenario.key, []).append((scenario, run))
    if not groups:
        raise InputError(f"instances: there are no runs on instances {list(instances or ())} in {folder}")
    return [_to_runs(group[0][0], [run for _, run in group], optimum, wanted) for group in groups.values()]


def _json_index(path: Path) -> list[_Scenario]:
    """The second version's index."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not document["maximization"]:
            raise InputError(f"folder: {path} minimises {document['function_name']}; Runs are of functions to maximise")
        attributes = {str(k): str(v) for pair in document.get("experiment_attributes", []) for k, v in pair.items()}
        scenarios = []
        for one in document["scenarios"]:
            entries = [
                _Entry(int(r["instance"]), int(r["evals"]), float(r["best"]["y"]), r.get("generations")) for r in one["runs"]
            ]
            name, function = str(document["algorithm"]["name"]), str(document["function_name"])
            data = path.parent / one["path"]
            scenarios.append(_Scenario(path, name, function, int(one["dimension"]), data, entries, True, attributes))
        return scenarios
    except json.JSONDecodeError as error:
        raise InputError(f"folder: {path} is truncated or damaged: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"folder: {path} is not an index of IOHprofiler: {_reason(error)}") from None


def _info_index(path: Path) -> list[_Scenario]:
    """The first version's index."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(f"folder: {path} can't be read: {error}") from None
    if len(lines) % 3 or not lines:
        raise InputError(f"folder: {path} is truncated: it has {len(lines)} lines, but three belong to each dimension")
    scenarios = []
    for head, _, record in zip(lines[::3], lines[1::3], lines[2::3]):
        pairs = re.findall(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,\s]*))""", head)
        named = {name: double or single or plain for name, double, single, plain in pairs}
        for name in ("funcId", "DIM", "algId"):
            if name not in named:
                raise InputError(f"folder: {path} lacks {name} (the names have these capitals): {head[:60]}")
        if named.pop("maximization", "T").upper()[:1] == "F":
            raise InputError(f"folder: {path} minimises f{named['funcId']}; Runs are of functions to maximise")
        data, *runs = (part.strip() for part in record.split(","))
        entries = []
        for text in runs:
            match = re.fullmatch(r"(\d+):(\d+)\|([^;]+)(;.*)?", text)
            if match is None:
                raise InputError(f"folder: {path} is truncated or damaged: {text!r} must be instance:evaluations|best value")
            entries.append(_Entry(int(match[1]), int(match[2]), _value(match[3], path)))
        function = named.pop("funcName", "") or f"f{named['funcId']}"
        known = {"suite", "funcId", "DIM", "algId", "algInfo", "dynamicAttribute"}
        extra = {name: value for name, value in named.items() if name not in known}
        place = path.parent / data.replace("\\", "/")
        scenarios.append(_Scenario(path, named["algId"], function, int(named["DIM"]), place, entries, False, extra))
    return scenarios


def _read_runs(scenario: _Scenario) -> Iterator[_Run]:
    """The runs of a file of data, each checked against the index."""
    path = scenario.data
    if not path.is_file():
        raise InputError(f"folder: {path}, which {scenario.index.name} names, is missing")
    blocks = list(_blocks(path))
    if len(blocks) != len(scenario.entries):
        what = f"{path} has {len(blocks)} runs, but {scenario.index.name} names {len(scenario.entries)}"
        raise InputError(f"folder: {what}: was the logger closed?")
    for i, (entry, (evaluations, values)) in enumerate(zip(scenario.entries, blocks)):
        best = np.maximum.accumulate(values)
        last = int(evaluations[-1])
        short = last < entry.evaluations and scenario.complete
        if short or entry.best > best[-1] + 1e-5 * max(1e-4, abs(entry.best)):  # the first version keeps six digits
            said = f"{entry.evaluations} evaluations and the value {entry.best:.15g}"
            found = f"{last} and {best[-1]:.15g}"
            raise InputError(f"folder: {path} is truncated or mixed up: run {i + 1} should end with {said}, it ends with {found}")
        yield _Run(evaluations, best, max(last, entry.evaluations), entry.generations)


def _blocks(path: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(evaluations, values) of each run in a file of data."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise InputError(f"folder: {path} can't be read: {error}") from None
    heads = [i for i, line in enumerate(lines) if line.lstrip()[:1].isalpha() or line.lstrip()[:1] == '"']
    if not heads or any(line.strip() for line in lines[: heads[0]]):
        raise InputError(f"folder: {path} must begin with a line of column names")
    for head, end in zip(heads, [*heads[1:], len(lines)]):
        names = [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', lines[head])]
        count, value = (_column(known, names, f"{path}, line {head + 1}") for known in (_EVALUATIONS, _VALUES))
        rows = [(i + 1, line.split()) for i, line in enumerate(lines[head + 1 : end], head + 1) if line.strip()]
        if not rows:
            raise InputError(f"folder: {path}, line {head + 1}: the run has no rows")
        for i, row in rows:
            if len(row) != len(names):
                raise InputError(
                    f"folder: {path}, line {i} has {len(row)} of {len(names)} columns; the file is truncated or damaged"
                )
        evaluations = np.array([_count(row[count], path, i) for i, row in rows], np.int64)
        if evaluations[0] < 1 or (np.diff(evaluations) <= 0).any():
            raise InputError(f"folder: {path}: evaluations must grow from 1 in the run at line {head + 1}; the file is mixed up")
        yield evaluations, np.array([_value(row[value], path, i) for i, row in rows])


def _column(known: tuple[str, ...], names: list[str], where: str) -> int:
    """Place of the column that has one of the known names."""
    for name in known:
        if name in names:
            return names.index(name)
    raise InputError(f"folder: {where} has no column {known[0]}; {nearest(known[0], names)}")


def _count(text: str, path: Path, line: int) -> int:
    if not text.isdigit():
        raise InputError(f"folder: {path}, line {line}: {text!r} is not a number of evaluations")
    return int(text)


def _value(text: str, path: Path, line: int | None = None) -> float:
    try:
        value = float(text)
        if math.isnan(value):
            raise ValueError
    except ValueError:
        raise InputError(f"folder: {path}{f', line {line}' if line else ''}: {text!r} is not a fitness") from None
    return value


def _to_runs(
    scenario: _Scenario, runs: list[_Run], optimum: float | Callable[[str, int], float] | None, targets: list[float] | None
) -> Runs:
    facts = _facts(scenario)
    end = facts["end"] if optimum is None and facts else _optimum(scenario, optimum)
    if targets is None:
        targets = facts["targets"] if facts else sorted({float(v) for run in runs for v in run.best})
    if len(targets) * len(runs) > MOST_HITS:
        raise InputError(f"targets: {len(runs)} runs with {len(targets)} values are too many; name the targets you want")
    uncounted = facts["uncounted"] if facts else 1
    hits = np.full((len(runs), len(targets)), -1, np.int64)
    evaluations, hit = np.zeros(len(runs), np.int64), np.zeros(len(runs), bool)
    for i, run in enumerate(runs):
        place = np.searchsorted(run.best, [*targets, end])
        times = np.maximum(run.evaluations[np.minimum(place, len(run.best) - 1)] - uncounted, 0)
        times[place == len(run.best)] = -1  # no value is as large
        hits[i], hit[i] = times[:-1], times[-1] >= 0
        evaluations[i] = times[-1] if hit[i] else run.last - uncounted
    budgets = set(evaluations[~hit].tolist())
    told = [run.generations for run in runs]
    observed = {"targets": np.array(targets), "hits": hits, "at": np.zeros(0, np.int64), "potentials": {}}
    values = facts["values"] if facts else {}
    return Runs(
        process=facts["process"] if facts else f"{scenario.algorithm} on {scenario.function}",
        values={name: Fraction(v) if isinstance(v, str) else v for name, v in values.items()} or {"n": scenario.dimension},
        seed=facts["seed"] if facts else None,
        start=facts["start"] if facts else "unknown",
        engine=facts["engine"] if facts else "ioh",
        budget=facts["budget"] if facts else budgets.pop() if len(budgets) == 1 else None,
        evaluations=evaluations,
        hit=hit,
        seconds=None,
        observed=observed if targets else {},
        generations=None if None in told else np.array(told, np.int64),  # type: ignore[arg-type]
    )


def _facts(scenario: _Scenario) -> dict[str, Any] | None:
    """What our own writer adds; None in the files of others."""
    text = scenario.attributes.get(ATTRIBUTE)
    if text is None:
        return None
    try:
        facts = json.loads(text)
        schema = facts["schema"]
        missing = {"process", "values", "seed", "start", "engine", "budget", "targets", "end", "uncounted"} - set(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"folder: the attribute {ATTRIBUTE} of {scenario.index} is damaged: {_reason(error)}") from None
    if schema != SCHEMA or missing:
        raise InputError(f"folder: {scenario.index} has schema {schema}; this version reads {SCHEMA}")
    return facts


def _optimum(scenario: _Scenario, optimum: float | Callable[[str, int], float] | None) -> float:
    if callable(optimum):
        optimum = optimum(scenario.function, scenario.dimension)
    if optimum is not None:
        return float(number(optimum, "optimum"))
    if scenario.function not in LARGEST:
        raise InputError(
            f"optimum: the largest value of {scenario.function} isn't known; give the fitness at which a run is done"
        )
    return float(LARGEST[scenario.function](scenario.dimension))


def _reason(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)
