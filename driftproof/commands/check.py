"""Decide the claims of the papers: what theory predicts, what the experiment measures, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftproof.output import number_text, print_json, print_table

if TYPE_CHECKING:
    import argparse

    from proofs_check import Report

SUMMARY = "decide the claims of the papers"
KEYS = ("paper", "claim", "statement", "prediction", "measured", "interval", "ratio", "verdict", "seed", "seconds", "command")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--preset", metavar="PRESET", default="quick", help="quick (default: seconds) or full (minutes)")
    parser.add_argument("--paper", metavar="SLUG", help="only the claims of this paper, e.g. drift-revisited")
    parser.add_argument("--claim", metavar="ID", help="only this claim")
    parser.add_argument("--strict", action="store_true", help="exit with status 1 for inconclusive claims too")


def run(arguments: argparse.Namespace) -> int:
    """Check and print."""
    from proofs_check import check

    report = check(preset=arguments.preset, paper=arguments.paper, claim=arguments.claim, strict=arguments.strict)
    if arguments.json:
        claims = [{key: claim[key] for key in KEYS} for claim in report.to_dict()["claims"]]
        print_json({"verdict": report.verdict, "claims": claims})
    else:
        _print(report)
    return report.exit_code()


def _print(report: Report) -> None:
    columns = ["paper", "claim", "prediction", "measured", "interval", "verdict", "seconds", "why"]
    rows = []
    for result in report:
        outcome = result.outcome
        interval = "-" if outcome.interval is None else " to ".join(map(number_text, outcome.interval))
        rows.append([
            result.claim.paper, result.claim.id, number_text(outcome.prediction), number_text(outcome.measured), interval,
            result.verdict, f"{result.seconds:.1f}", outcome.reason,
        ])  # fmt: skip
    print_table(columns, rows, numeric=("prediction", "measured", "seconds"))
    print(f"verdict: {report.verdict}")
