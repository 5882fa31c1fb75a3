"""Decide the claims of the papers: what theory predicts, what the experiment measures, and the verdict.

A check that was killed goes on where it was; one that came to its end starts anew, unless --store names a file to keep it in."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from driftproof.arguments import integer_from
from driftproof.errors import UsageError
from driftproof.output import number_text, print_json, print_table, print_verdicts

if TYPE_CHECKING:
    import argparse

    from proofs_check import Report
    from proofs_check.claim import Result

SUMMARY = "decide the claims of the papers"
KEYS = ("paper", "claim", "statement", "prediction", "measured", "interval", "ratio", "verdict", "seed", "seconds", "command")
MOST_WORKERS = 4  # by default: each holds some hundred megabytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_selection(parser)
    parser.add_argument("--claim", metavar="ID", help="only this claim")
    parser.add_argument("--list", action="store_true", help="list the claims, of --paper or of all, and decide none")
    add_running(parser)
    parser.add_argument("--strict", action="store_true", help="exit with status 1 for inconclusive claims too")


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what to check."""
    parser.add_argument(
        "--preset", metavar="PRESET", default="quick", help="quick (default: at most two minutes) or full (at most half an hour)"
    )
    parser.add_argument("--paper", metavar="SLUG", help="only the claims of this paper, e.g. drift-revisited")


def add_running(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how."""
    parser.add_argument("--store", metavar="FILE", help="keep decided claims in this file, and take from it what still stands")
    parser.add_argument("--fresh", action="store_true", help="decide everything anew, whatever is kept")
    parser.add_argument(
        "--workers", metavar="W", help=f"processes (default: one a core, at most {MOST_WORKERS}); the verdicts don't depend on it"
    )


def checked(arguments: argparse.Namespace, **options: Any) -> Report:
    """What the options ask for, decided."""
    workers = None if arguments.workers is None else integer_from(arguments.workers, "workers", 1)
    from proofs_check import check

    return check(
        preset=arguments.preset, paper=arguments.paper, store=arguments.store, resume=True, fresh=arguments.fresh, progress=True,
        workers=min(os.cpu_count() or 1, MOST_WORKERS) if workers is None else workers, **options,
    )  # fmt: skip


def stopped() -> int:
    """Tell that Ctrl-C was heard; the exit status."""
    print("driftproof: stopped by Ctrl-C; what is decided is kept, the same command goes on", file=sys.stderr)
    return 130


def run(arguments: argparse.Namespace) -> int:
    """Check and print."""
    if arguments.list:
        return _list(arguments)
    try:
        report = checked(arguments, claim=arguments.claim, strict=arguments.strict)
    except KeyboardInterrupt:
        return stopped()
    if arguments.json:
        claims = [{key: claim[key] for key in KEYS} for claim in report.to_dict()["claims"]]
        print_json({"verdict": report.verdict, "claims": claims})
    else:
        _print(report)
    return report.exit_code()


def _list(arguments: argparse.Namespace) -> int:
    if arguments.claim is not None:
        raise UsageError("list: given beside --claim; leave one out")
    from proofs_check import claims

    known = claims(arguments.paper)
    if arguments.json:
        print_json([{"paper": claim.paper, "claim": claim.id, "statement": claim.statement} for claim in known])
    else:
        print_table(("paper", "claim", "statement"), [(claim.paper, claim.id, claim.statement) for claim in known])
    return 0


def _print(report: Report) -> None:
    if sys.stdout.isatty():
        for paper in dict.fromkeys(result.claim.paper for result in report):
            results = [result for result in report if result.claim.paper == paper]
            print_verdicts(paper, [(r.verdict, r.claim.id, r.claim.statement, _figures(r)) for r in results])
    else:
        columns = (
            "paper", "claim", "statement", "prediction", "measured", "interval", "ratio", "bound/exact", "verdict", "seed",
            "seconds", "why",
        )  # fmt: skip
        print_table(columns, [_row(result) for result in report])
    for result in report:
        if result.verdict in ("refuted", "failed", "inconclusive"):
            print(f"{result.verdict}: {result.claim.id}: {result.outcome.reason}\n  again: {result.command}")
    print(f"verdict: {report.verdict}")


def _row(result: Result) -> list[str]:
    outcome = result.outcome
    numbers = [number_text(x) for x in (outcome.prediction, outcome.measured)]
    ratios = [number_text(x) for x in (result.ratio, result.exact_ratio)]
    return [
        result.claim.paper, result.claim.id, result.claim.statement, *numbers, _interval(result), *ratios, result.verdict,
        str(result.seed), f"{result.seconds:.1f}", outcome.reason,
    ]  # fmt: skip


def _figures(result: Result) -> str:
    """The numbers of a claim in one line."""
    outcome = result.outcome
    named = [
        ("predicted", number_text(outcome.prediction)), ("measured", number_text(outcome.measured)), ("in", _interval(result)),
        ("predicted/measured", number_text(result.ratio)), ("predicted/exact", number_text(result.exact_ratio)),
    ]  # fmt: skip
    told = [f"{name} {text}" for name, text in named if text != "-"]
    return ", ".join([*(told or [outcome.reason]), f"seed {result.seed}", f"{result.seconds:.1f} s"])


def _interval(result: Result) -> str:
    interval = result.outcome.interval
    return "-" if interval is None else " to ".join(map(number_text, interval))
