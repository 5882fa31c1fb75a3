"""Simulate a process and summarise its runtimes; --out keeps one row a run as a Parquet file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftproof.arguments import add_process, integer_from, process_from, start_from, values_from
from driftproof.errors import UsageError
from driftproof.observing import add_observing, observation, print_seen, seen
from driftproof.output import number_text, print_json, print_pairs

if TYPE_CHECKING:
    import argparse

    from sim import Runs

SUMMARY = "run a process many times"
KEYS = (
    "process", "values", "replicates", "seed", "engine", "mean", "std", "median", "ci95", "censored", "ert", "restricted_mean",
    "budget", "seconds",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_process(parser)
    parser.add_argument("--at", metavar="VALUES", help="n and what the rate needs, e.g. --at n=1000,c=1 (a graph fixes n)")
    parser.add_argument("--replicates", metavar="R", default="100", help="number of runs (default 100)")
    parser.add_argument("--seed", metavar="SEED", default="0", help="the same seed gives the same runs (default 0)")
    parser.add_argument(
        "--start", metavar="START", default="uniform", help="uniform (default), zeros, worst, a number of zero-bits, bits=0110"
    )
    parser.add_argument("--engine", metavar="ENGINE", default="auto", help="auto (default), reference, sparse, event or lumped")
    parser.add_argument("--threads", metavar="THREADS", help="default: one a core; the runs don't depend on it")
    parser.add_argument("--budget", metavar="EVALUATIONS", help="stop a run after so many evaluations, e.g. 1e7")
    add_observing(parser)
    parser.add_argument("--out", metavar="FILE", help="where to write the runs, e.g. runs.parquet")


def run(arguments: argparse.Namespace) -> int:
    """Simulate, write, print."""
    values = {} if arguments.at is None else values_from(arguments.at)
    replicates = integer_from(arguments.replicates, "replicates", 1)
    seed = integer_from(arguments.seed, "seed", 0)
    threads = None if arguments.threads is None else integer_from(arguments.threads, "threads", 1)
    budget = None if arguments.budget is None else integer_from(arguments.budget, "budget", 1)
    start, watched = start_from(arguments.start), observation(arguments)
    process = process_from(arguments)
    if not values and (process.needed - {"n"} or process.problem.fixed_n is None):
        raise UsageError("at: missing; give the values, e.g. --at n=1000,c=1")
    checked: dict[str, Any] = process.values(**values)
    from sim import simulate
    from sim.runs_file import check_writable

    if arguments.out is not None:
        check_writable(arguments.out)
    runs = simulate(
        process, replicates=replicates, seed=seed, start=start, engine=arguments.engine.strip().lower(), budget=budget,
        threads=threads, observe=watched, **checked,
    )  # fmt: skip
    if arguments.out is not None:
        runs.save(arguments.out)
    document, tables = as_json(runs), seen(runs)
    if arguments.json:
        print_json({**document, **({"observed": tables} if watched else {})})
    else:
        _print({**document, "start": runs.start})
        print_seen(tables)
        if arguments.out is not None:
            print(f"written to {arguments.out}")
    return 0


def as_json(runs: Runs) -> dict[str, Any]:
    """The object of the contract."""
    summary = runs.summary()
    return {name: summary[name] for name in KEYS}


def _print(document: dict[str, Any]) -> None:
    order = sorted(document, key=lambda name: name not in ("values", "start"))  # the cell first, then what came out
    cut = document["censored"]
    if cut:
        told = f"none: {cut} of {document['replicates']} runs were cut off at the budget"
        document = {**document, "mean": told, **({"median": told} if document["median"] is None else {})}
        document["ert"] = "none: no run reached the optimum" if document["ert"] is None else document["ert"]
    rows = [(name, _text(document[name])) for name in order if name != "process" and document[name] is not None]
    print_pairs(rows, document["process"])


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} = {number}" for name, number in value.items())
    if isinstance(value, str):
        return value
    if hasattr(value, "__len__"):
        return " to ".join(number_text(limit) for limit in value)
    return number_text(value)
