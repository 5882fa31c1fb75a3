"""Run a plan of many cells; what is in the store already is not run again, so the same command goes on after any interruption.

The plan is a YAML file: seed, defaults, and cells, a list of mappings in which lists of values are crossed. A cell is a
simulation, {algorithm: rls, problem: onemax, n: [100, 200]}, or a training run,
{train: ok-rtrl.copy, preset: smoke, seeds: 0:5, set: {lr: [1e-3, 3e-3]}}."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from driftproof.arguments import integer_from
from driftproof.errors import UsageError
from driftproof.output import number_text, print_json, print_pairs

if TYPE_CHECKING:
    import argparse

    from sim import Sweep

SUMMARY = "run a plan of many cells, resuming by itself"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("plan", metavar="PLAN", nargs="?", help="a YAML file, e.g. examples/sweep.yaml")
    parser.add_argument("--store", metavar="FOLDER", help="where finished cells are kept: new, empty, or begun with this plan")
    parser.add_argument("--threads", metavar="THREADS", help="default: one a core; the results don't depend on it")


def run(arguments: argparse.Namespace) -> int:
    """Sweep and print."""
    if arguments.plan is None:
        raise UsageError("plan: missing; give a YAML file, e.g. driftproof sweep plan.yaml --store results/")
    if arguments.store is None:
        raise UsageError("store: missing; name a folder for the results, e.g. --store results/")
    threads = None if arguments.threads is None else integer_from(arguments.threads, "threads", 1)
    from pathlib import Path

    from driftproof.train_cells import TrainKind
    from sim import Plan, sweep
    from sim.sweeps.simulation_kind import SimulationKind

    plan = Plan.read(arguments.plan, [SimulationKind(), TrainKind(Path(arguments.store) / "runs")])
    try:
        result = sweep(plan, arguments.store, threads=threads, progress=True)
    except KeyboardInterrupt:
        print("driftproof: stopped by Ctrl-C; what is finished is kept, the same command goes on", file=sys.stderr)
        return 130
    for name in result.damaged:
        print(f"driftproof: {name} in the store was damaged; it was set aside and made again", file=sys.stderr)
    for cell, reason in result.failures:
        print(f"driftproof: failed: {cell.label}: {reason}", file=sys.stderr)
    if arguments.json:
        print_json(as_json(result))
    else:
        rows = [(name, number_text(value)) for name, value in as_json(result).items() if name != "store"]
        if result.found:
            rows = [(name, f"{text}, {result.found} of them before" if name == "done" else text) for name, text in rows]
        print_pairs([*rows, *([("table", str(result.path))] if result.done else [])], f"sweep into {result.store}")
    return 1 if result.failed else 0


def as_json(result: Sweep) -> dict[str, Any]:
    """The object of the contract."""
    return {
        "store": str(result.store),
        "cells": result.cells,
        "done": result.done,
        "failed": result.failed,
        "seconds": result.seconds,
    }
