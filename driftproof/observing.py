"""What ``driftproof simulate`` watches beside T: options to an observation, and what was seen as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftproof.arguments import integer_from, number_from
from driftproof.errors import UsageError
from driftproof.output import number_text, print_table

if TYPE_CHECKING:
    import argparse

    from sim import Runs

_TARGETS = ("target", "hits", "success", "ert", "ert_low", "ert_high", "median")


def add_observing(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what to watch."""
    parser.add_argument("--targets", metavar="VALUES", help="when each fitness is reached first, e.g. 45,50")
    parser.add_argument("--times", metavar="OFFSPRING", help="after how many offspring to look at potentials, e.g. 0,100,1e4")
    parser.add_argument(
        "--potentials", metavar="FORMULAS", help="in n, c, t, k, v, p: 'k; log(k+1)', one after each semicolon (default k)"
    )
    parser.add_argument("--drift", metavar="FORMULA", help="a potential whose drift is measured in each state, e.g. k")


def observation(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """What ``simulate(observe=...)`` takes; None where nothing is to be watched.

    >>> from argparse import Namespace
    >>> observation(Namespace(targets="45,50", times="0,1e2", potentials="k; Min(k, 3)", drift=None))
    {'targets': [45, 50], 'at': [0, 100], 'potentials': ['k', 'Min(k, 3)']}
    """
    watched: dict[str, Any] = {}
    if arguments.targets is not None:
        watched["targets"] = [number_from(word, "targets") for word in arguments.targets.split(",")]
    if arguments.times is not None:
        watched["at"] = [integer_from(word.strip(), "times", 0) for word in arguments.times.split(",")]
    if arguments.potentials is not None:
        if arguments.times is None:
            raise UsageError("times: missing; say after how many offspring to look at the potentials, e.g. --times 0,100")
        watched["potentials"] = [word.strip() for word in arguments.potentials.split(";")]
    if arguments.drift is not None:
        watched["drift"] = [arguments.drift]
    return watched or None


def seen(runs: Runs) -> dict[str, list[dict[str, Any]]]:
    """What was watched, a list of rows for each: ``targets``, ``potentials``, ``drift``."""
    tables: dict[str, list[dict[str, Any]]] = {}
    if runs.observed and len(runs.observed["targets"]):
        tables["targets"] = [{name: row[name] for name in _TARGETS} for row in runs.fixed_target().to_dict("records")]
    if runs.observed.get("potentials"):
        rows = []
        for column, time in enumerate(runs.observed["at"].tolist()):
            means = {f"mean {name}": values[:, column].mean() for name, values in runs.observed["potentials"].items()}
            rows.append({"offspring": time, **means})
        tables["potentials"] = rows
    if "moved" in runs.observed:
        tables["drift"] = runs.drift().to_pandas().to_dict("records")
    return tables


def print_seen(tables: dict[str, list[dict[str, Any]]]) -> None:
    """A table for each."""
    for name, rows in tables.items():
        print()
        columns = list(rows[0]) if rows else []
        cells = [[number_text(row[column]) for column in columns] for row in rows]
        print_table(columns, cells, title=name, numeric=columns)
